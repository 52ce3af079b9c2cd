/*
 * A serial port (or other terminal line) of the host: -chardev serial.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const struct { int speed; speed_t code; } speeds[] = {
    { 50, B50 }, { 75, B75 }, { 110, B110 }, { 134, B134 }, { 150, B150 }, { 200, B200 }, { 300, B300 }, { 600, B600 }, { 1200, B1200 },
    { 1800, B1800 }, { 2400, B2400 }, { 4800, B4800 }, { 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 },
    { 115200, B115200 }, { 230400, B230400 }, { 460800, B460800 }, { 921600, B921600 }, { 1500000, B1500000 }, { 3000000, B3000000 },
};

/* The nearest speed that the host knows. */
static speed_t speed_code(int speed)
{
    unsigned n = 0;
    while (n + 1 < G_N_ELEMENTS(speeds) && speed > speeds[n].speed + (speeds[n + 1].speed - speeds[n].speed) / 2) {
        n++;
    }
    return speeds[n].code;
}

static bool tty_set_params(Chardev *chr, const CharSerialParams *params)
{
    static const tcflag_t sizes[] = { CS5, CS6, CS7, CS8 };
    int fd = ((FdChardev *)chr)->in_fd;
    struct termios t;
    if (fd < 0 || tcgetattr(fd, &t) < 0) {
        return false;
    }
    cfmakeraw(&t);
    cfsetispeed(&t, speed_code(params->speed));
    cfsetospeed(&t, speed_code(params->speed));
    t.c_cflag &= ~(CSTOPB | PARENB | PARODD | CRTSCTS | CSIZE);
    t.c_cflag |= CREAD | CLOCAL | sizes[CLAMP(params->data_bits, 5, 8) - 5];
    t.c_cflag |= params->parity == 'E' ? PARENB : params->parity == 'O' ? PARENB | PARODD : 0;
    t.c_cflag |= params->stop_bits == 2 ? CSTOPB : 0;
    return tcsetattr(fd, TCSANOW, &t) == 0;
}

static bool tty_set_break(Chardev *chr, bool on)
{
    return ioctl(((FdChardev *)chr)->in_fd, on ? TIOCSBRK : TIOCCBRK) == 0;
}

static const struct { int ours, theirs; } lines_map[] = {
    { CHAR_LINE_DTR, TIOCM_DTR }, { CHAR_LINE_RTS, TIOCM_RTS }, { CHAR_LINE_CTS, TIOCM_CTS }, { CHAR_LINE_DSR, TIOCM_DSR },
    { CHAR_LINE_RI, TIOCM_RI }, { CHAR_LINE_CD, TIOCM_CAR },
};

static bool tty_get_lines(Chardev *chr, int *lines)
{
    int host;
    if (ioctl(((FdChardev *)chr)->in_fd, TIOCMGET, &host) < 0) {
        return false;
    }
    *lines = 0;
    for (unsigned n = 0; n < G_N_ELEMENTS(lines_map); n++) {
        *lines |= host & lines_map[n].theirs ? lines_map[n].ours : 0;
    }
    return true;
}

static bool tty_set_lines(Chardev *chr, int lines)
{
    int fd = ((FdChardev *)chr)->in_fd, host;
    if (ioctl(fd, TIOCMGET, &host) < 0) {
        return false;
    }
    host &= ~(TIOCM_DTR | TIOCM_RTS);
    host |= (lines & CHAR_LINE_DTR ? TIOCM_DTR : 0) | (lines & CHAR_LINE_RTS ? TIOCM_RTS : 0);
    return ioctl(fd, TIOCMSET, &host) == 0;
}

static bool tty_open(Chardev *chr, KeyVals *kv, GError **err)
{
    const char *path = keyvals_get(kv, "path");
    if (!path) {
        return error_set(err, "chardev: serial/tty: no device path given");
    }
    int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return error_set_errno(err, errno, "Could not open '%s'", path);
    }
    fd_chardev_open((FdChardev *)chr, fd, fd);
    tty_set_params(chr, &(CharSerialParams){ 115200, 'N', 8, 1 });
    return true;
}

static const ChardevType chardev_serial = {
    .name = "chardev-serial", .parent = "chardev-fd", .size = sizeof(FdChardev), .backend = "serial", .alias = "tty", .open = tty_open,
    .write = fd_chardev_write, .watch_output = fd_chardev_watch_output, .accept_input = fd_chardev_accept_input,
    .set_serial_params = tty_set_params, .set_break = tty_set_break, .get_lines = tty_get_lines, .set_lines = tty_set_lines,
};
REGISTER_TYPE(chardev_serial)
