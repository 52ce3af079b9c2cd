/*
 * Character devices: options, sockets, muxes, rings, back pressure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "chardev/telnet.h"
#include "util/main-loop.h"
#include "wait-until.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct Reader { CharFrontend fe; GString *text; int room; int opened, closed, breaks, in, out; } Reader;

static int reader_room(void *opaque) { return ((Reader *)opaque)->room; }
static void reader_receive(void *opaque, const uint8_t *buf, int len)
{
    Reader *r = opaque;
    g_assert_cmpint(len, <=, r->room);
    g_string_append_len(r->text, (const char *)buf, len);
}
static void reader_event(void *opaque, CharEvent event)
{
    Reader *r = opaque;
    int *counters[] = { &r->breaks, &r->opened, &r->closed, &r->in, &r->out };
    ++*counters[event];
}
static const CharCallbacks reader_callbacks = { reader_room, reader_receive, reader_event };

static Reader *reader_new(Chardev *chr)
{
    Reader *r = g_new0(Reader, 1);
    r->text = g_string_new(NULL);
    r->room = 4096;
    g_assert_true(char_frontend_connect(&r->fe, chr, NULL));
    char_set_handlers(&r->fe, &reader_callbacks, r);
    return r;
}

static void reader_free(Reader *r)
{
    char_frontend_disconnect(&r->fe);
    g_string_free(r->text, TRUE);
    g_free(r);
}

static void run_loop(void)
{
    for (int n = 0; n < 20; n++) {
        main_loop_iterate(false);
        g_usleep(200);
    }
}

static void assert_fails(const char *options, const char *message)
{
    g_autoptr(GError) err = NULL;
    g_assert_null(chardev_add(options, &err));
    g_assert_nonnull(err);
    g_assert_cmpstr(err->message, ==, message);
}

static void test_errors(void)
{
    assert_fails("foo,id=a", "'foo' is not a valid char driver name");
    assert_fails("null", "chardev: no id specified");
    assert_fails("id=x", "chardev: \"x\" missing backend");
    assert_fails("null,id=1x", "Parameter 'id' expects an identifier");
    assert_fails("file,id=a", "chardev: file: no filename given");
    assert_fails("file,id=a,path=/nonexist/x", "Could not open '/nonexist/x': No such file or directory");
    assert_fails("pipe,id=a", "chardev: pipe: no device path given");
    assert_fails("socket,id=a", "Unable to parse FD number ");
    assert_fails("socket,id=a,host=x", "chardev: socket: no port given");
    assert_fails("socket,id=a,path=/nonexist/a", "Failed to connect to '/nonexist/a': No such file or directory");
    assert_fails("socket,id=a,path=/nonexist/a,server=on,wait=off", "Failed to bind socket to /nonexist/a: No such file or directory");
    assert_fails("socket,id=a,path=/nonexist/a,wait=off", "'wait' option is incompatible with socket in client connect mode");
    assert_fails("udp,id=a", "chardev: udp: remote port not specified");
    assert_fails("ringbuf,id=a,size=3", "size of ringbuf chardev must be power of two");
    assert_fails("null,id=a,bar=1", "Invalid parameter 'bar'");
    assert_fails("null,id=a,mux=x", "Parameter 'mux' expects 'on' or 'off'");
    assert_fails("null,id=a,logfile=/nonexist/q", "Could not create '/nonexist/q': No such file or directory");
    assert_fails("serial,id=a", "chardev: serial/tty: no device path given");
    assert_fails("mux,id=a", "chardev: mux: no chardev given");
    g_assert_null(chardev_find("a"));
    g_assert_nonnull(chardev_add("null,id=dup", NULL));
    assert_fails("null,id=dup", "Duplicate ID 'dup' for chardev");
    g_assert_true(chardev_remove("dup", NULL));
    g_assert_null(chardev_find("dup"));
}

static void test_in_use(void)
{
    g_autoptr(GError) err = NULL;
    Reader *r = reader_new(chardev_add("null,id=n", NULL));
    CharFrontend second = { 0 };
    g_assert_cmpint(r->opened, ==, 1);
    g_assert_false(char_frontend_connect(&second, chardev_find("n"), &err));
    g_assert_cmpstr(err->message, ==, "Device 'n' is in use");
    g_clear_error(&err);
    g_assert_false(chardev_remove("n", &err));
    g_assert_cmpstr(err->message, ==, "Chardev 'n' is busy");
    reader_free(r);
    g_assert_true(chardev_remove("n", NULL));
}

static void test_ring(void)
{
    size_t len;
    Reader *r = reader_new(chardev_add("ringbuf,id=r,size=8", NULL));
    g_assert_cmpuint(char_write(&r->fe, "hello world", 11), ==, 11);
    g_autofree char *text = chardev_ring_read("r", 4, &len, NULL);
    g_assert_cmpstr(text, ==, "lo w");
    g_autofree char *rest = chardev_ring_read("r", 100, &len, NULL);
    g_assert_cmpstr(rest, ==, "orld");
    reader_free(r);
    chardev_remove("r", NULL);
}

static int connect_unix(const char *path)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    g_strlcpy(un.sun_path, path, sizeof(un.sun_path));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&un, sizeof(un)), ==, 0);
    return fd;
}

static void test_socket_server(void)
{
    g_autofree char *dir = g_dir_make_tmp("chardevXXXXXX", NULL), *path = g_build_filename(dir, "s", NULL);
    g_autofree char *spec = g_strdup_printf("unix:%s,server=on,wait=off", path);
    Chardev *chr = chardev_from_legacy("s", spec, false, NULL);
    g_assert_nonnull(chr);
    g_assert_true(g_str_has_prefix(chardev_filename(chr), "disconnected:unix:"));
    Reader *r = reader_new(chr);
    g_assert_cmpint(r->opened, ==, 0);
    for (int round = 1; round <= 2; round++) {
        char buf[16];
        int fd = connect_unix(path);
        run_loop();
        g_assert_cmpint(r->opened, ==, round);
        g_assert_true(g_str_has_prefix(chardev_filename(chr), "unix:"));
        g_assert_cmpint(write(fd, "abc", 3), ==, 3);
        run_loop();
        g_assert_cmpstr(r->text->str, ==, "abc");
        g_string_truncate(r->text, 0);
        g_assert_true(char_write_all(&r->fe, "xyz", 3));
        g_assert_cmpint(read(fd, buf, sizeof(buf)), ==, 3);
        close(fd);
        run_loop();
        g_assert_cmpint(r->closed, ==, round);
    }
    reader_free(r);
    chardev_remove("s", NULL);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_rmdir(dir);
}

static void test_reconnect(void)
{
    g_autofree char *dir = g_dir_make_tmp("chardevXXXXXX", NULL), *path = g_build_filename(dir, "s", NULL);
    g_autofree char *client = g_strdup_printf("socket,id=c,path=%s,reconnect-ms=5", path), *server = g_strdup_printf("socket,id=s,path=%s,server=on,wait=off", path);
    Reader *c = reader_new(chardev_add(client, NULL));
    run_loop();
    g_assert_cmpint(c->opened, ==, 0);
    Reader *s = reader_new(chardev_add(server, NULL));
    WAIT_UNTIL(c->opened);
    g_assert_cmpint(c->opened, ==, 1);
    run_loop();
    g_assert_cmpint(s->opened, ==, 1);
    char_drop_peer(&s->fe);
    WAIT_UNTIL(c->opened >= 2);
    g_assert_cmpint(c->opened, ==, 2);
    reader_free(c);
    reader_free(s);
    chardev_remove("c", NULL);
    chardev_remove("s", NULL);
    g_rmdir(dir);
}

static bool count_writable(void *opaque) { ++*(int *)opaque; return false; }

static void test_back_pressure(void)
{
    int pair[2], room = 0;
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    g_autofree char *spec = g_strdup_printf("socket,id=p,fd=%d", pair[0]), *block = g_malloc0(65536);
    Reader *r = reader_new(chardev_add(spec, NULL));
    size_t total = 0, n;
    while ((n = char_write(&r->fe, block, 65536)) > 0) {
        total += n;
        g_assert_cmpuint(total, <, 64 << 20);
    }
    char_set_writable(&r->fe, count_writable, &room);
    run_loop();
    g_assert_cmpint(room, ==, 0);
    g_assert_true(char_write_all(&r->fe, "end", 3));
    g_assert_cmpuint(char_queued(&r->fe), ==, 3);
    size_t got = 0;
    char last[3] = "";
    while (got < total + 3) {
        ssize_t k = read(pair[1], block, 65536);
        g_assert_cmpint(k, >, 0);
        got += k;
        if (k >= 3) {
            memcpy(last, block + k - 3, 3);
        }
        run_loop();
    }
    g_assert_cmpint(memcmp(last, "end", 3), ==, 0);
    g_assert_cmpint(room, ==, 1);
    close(pair[1]);
    run_loop();
    g_assert_cmpint(r->closed, ==, 1);
    g_assert_cmpuint(char_write(&r->fe, block, 100), ==, 100);
    reader_free(r);
    chardev_remove("p", NULL);
}

static void type_text(int fd, const char *text)
{
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (int)strlen(text));
    run_loop();
}

static void test_mux(void)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    g_autofree char *spec = g_strdup_printf("socket,id=m,fd=%d,mux=on", pair[0]);
    Chardev *mux = chardev_add(spec, NULL);
    g_assert_true(chardev_is_mux(mux));
    Reader *a = reader_new(mux), *b = reader_new(mux);
    g_assert_cmpint(a->opened, ==, 0);
    chardev_machine_ready();
    g_assert_cmpint(a->opened, ==, 1);
    g_assert_cmpint(b->opened, ==, 1);
    type_text(pair[1], "to b\001cto a\001\001");
    g_assert_cmpstr(b->text->str, ==, "to b");
    g_assert_cmpstr(a->text->str, ==, "to a\001");
    g_assert_cmpint(a->in, ==, 2);
    type_text(pair[1], "\001b\001h");
    g_assert_cmpint(a->breaks, ==, 1);
    char buf[512] = "";
    g_assert_cmpint(read(pair[1], buf, sizeof(buf) - 1), >, 0);
    g_assert_nonnull(strstr(buf, "C-a x    exit emulator\n\r"));
    /* The escape is seen though the guest takes nothing. */
    a->room = 0;
    type_text(pair[1], "waits\001cnext");
    g_assert_cmpstr(b->text->str, ==, "to bnext");
    a->room = 100;
    type_text(pair[1], "\001c");
    char_accept_input(&a->fe);
    g_assert_cmpstr(a->text->str, ==, "to a\001waits");
    reader_free(b);
    reader_free(a);
    g_assert_true(chardev_remove("m", NULL));
    g_assert_true(chardev_remove("m-base", NULL));
    close(pair[1]);
}

static void test_telnet(void)
{
    TelnetReader t = { 0 };
    unsigned breaks = 0;
    uint8_t text[] = "a\xff\xfb\x01" "b\xff\xff\xff\xfa\x18\x01\xff\xf0" "c\r\0d\xff\xf3";
    size_t kept = 0;
    /* Byte by byte: the state must survive any split. */
    for (size_t n = 0; n < sizeof(text) - 1; n++) {
        uint8_t byte = text[n];
        if (telnet_read(&t, &byte, 1, &breaks)) {
            text[kept++] = byte;
        }
    }
    g_assert_cmpmem(text, kept, "ab\xff" "c\rd", 6);
    g_assert_cmpuint(breaks, ==, 1);
}

static void test_file_and_log(void)
{
    g_autofree char *dir = g_dir_make_tmp("chardevXXXXXX", NULL), *path = g_build_filename(dir, "out", NULL), *log = g_build_filename(dir, "log", NULL), *text = NULL, *logged = NULL;
    g_autofree char *spec = g_strdup_printf("file,id=f,path=%s,logfile=%s", path, log);
    Reader *r = reader_new(chardev_add(spec, NULL));
    char_write_all(&r->fe, "one", 3);
    reader_free(r);
    chardev_remove("f", NULL);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "one");
    g_assert_true(g_file_get_contents(log, &logged, NULL, NULL));
    g_assert_cmpstr(logged, ==, "one");
    g_remove(path);
    g_remove(log);
    g_rmdir(dir);
}

static void ignore_message(const char *text) { }

static void test_pty(void)
{
    chardev_set_message_hook(ignore_message);
    Chardev *chr = chardev_from_legacy("p", "pty", false, NULL);
    Reader *r = reader_new(chr);
    g_assert_cmpuint(char_write(&r->fe, "lost", 4), ==, 4);
    int fd = open(chardev_pty_path(chr), O_RDWR | O_NOCTTY);
    WAIT_UNTIL(r->opened);
    g_assert_cmpint(r->opened, ==, 1);
    char buf[16];
    char_write_all(&r->fe, "hi", 2);
    g_assert_cmpint(read(fd, buf, sizeof(buf)), ==, 2);
    type_text(fd, "in");
    g_assert_cmpstr(r->text->str, ==, "in");
    close(fd);
    WAIT_UNTIL(r->closed);
    g_assert_cmpint(r->closed, ==, 1);
    reader_free(r);
    chardev_remove("p", NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    g_test_add_func("/chardev/errors", test_errors);
    g_test_add_func("/chardev/in-use", test_in_use);
    g_test_add_func("/chardev/ring", test_ring);
    g_test_add_func("/chardev/socket-server", test_socket_server);
    g_test_add_func("/chardev/reconnect", test_reconnect);
    g_test_add_func("/chardev/back-pressure", test_back_pressure);
    g_test_add_func("/chardev/mux", test_mux);
    g_test_add_func("/chardev/telnet", test_telnet);
    g_test_add_func("/chardev/file-and-log", test_file_and_log);
    g_test_add_func("/chardev/pty", test_pty);
    return g_test_run();
}
