/*
 * A program on the bare processor that asks its host for everything that semihosting has. The command line says what to do: run (the Python file) starts it with each.
 *
 *     calls DIR       checks every operation, prints TAP; leaves DIR/kept
 *     exit N          SYS_EXIT_EXTENDED with that status
 *     error           SYS_EXIT with a reason that is no application's end
 *     echo            copies what SYS_READC gives until the end of input
 *     read            the same by SYS_READ of ":tt"
 *     user            a call by unprivileged code, which ends with status 5; a trap instead ends with 6
 *     remote DIR      opens DIR/remote, writes and reads it, tells its length, prints what it has read
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting.h"

void __attribute__((noreturn)) user_enter(void (*function)(void));
void trap(void);
int main(void);

enum { ENOENT_ = 2, E2BIG_ = 7, EBADF_ = 9, EFAULT_ = 14, EINVAL_ = 22 };
#define BAD ((const char *)(Word)-4096)         /* no memory */
#define FAILED ((Word)-1)
#define CALL(operation, ...) semihost(operation, (const Word[]){ __VA_ARGS__ })

/* ---- text ---- */

static Word out;                /* the handle of standard output */

static size_t length(const char *s)
{
    size_t n = 0;
    while (s[n]) {
        n++;
    }
    return n;
}

static bool same(const char *a, const char *b, size_t bytes)
{
    for (size_t n = 0; n < bytes; n++) {
        if (a[n] != b[n]) {
            return false;
        }
    }
    return true;
}

static void put(const char *s) { CALL(SYS_WRITE, out, (Word)s, length(s)); }

static void put_number(Word value)
{
    char digits[24];
    unsigned n = sizeof(digits) - 1;
    digits[n] = 0;
    do {
        digits[--n] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value);
    put(digits + n);
}

static unsigned checks;

static void check_is(const char *name, Word got, Word want)
{
    put(got == want ? "ok " : "not ok ");
    checks++;
    char number[3] = { '0' + checks / 10 % 10, '0' + checks % 10, 0 };
    put(number);
    put(" ");
    put(name);
    put("\n");
    if (got != want) {
        put("# got ");
        put_number(got);
        put(", want ");
        put_number(want);
        put("\n");
    }
}

static void check(const char *name, bool good) { check_is(name, good, true); }

static void check_error(const char *name, Word got, Word error)
{
    check_is(name, got == FAILED ? semihost(SYS_ERRNO, NULL) : got, error);
}

static void __attribute__((noreturn)) leave(Word status)
{
    for (;;) {
        CALL(SYS_EXIT_EXTENDED, APPLICATION_EXIT, status);
    }
}

void trap(void) { leave(6); }

/* ---- files ---- */

/* The numbers of modes: 0 r, 2 r+, 4 w, 6 w+, 8 a, 10 a+. */
static Word open_file(const char *name, Word mode) { return CALL(SYS_OPEN, (Word)name, mode, length(name)); }

static char path[300], other[300], buffer[70000];

static const char *in_folder(char *to, const char *folder, const char *name)
{
    char *at = to;
    while (*folder && at < to + 250) {
        *at++ = *folder++;
    }
    *at++ = '/';
    while (*name) {
        *at++ = *name++;
    }
    *at = 0;
    return to;
}

static void check_files(const char *folder)
{
    in_folder(path, folder, "file");
    Word f = open_file(path, 6);
    check("a file is opened", f != FAILED && f != 0);
    check_is("all bytes are written", CALL(SYS_WRITE, f, (Word)"abcdefgh", 8), 0);
    check_is("its length", CALL(SYS_FLEN, f), 8);
    check_is("it is no terminal", CALL(SYS_ISTTY, f), 0);
    check_is("seek", CALL(SYS_SEEK, f, 2), 0);
    check_is("what is not read of 20 bytes", CALL(SYS_READ, f, (Word)buffer, 20), 14);
    check("what is read", same(buffer, "cdefgh", 6));
    check_is("nothing at the end", CALL(SYS_READ, f, (Word)buffer, 20), 20);
    check_error("reading to where no memory is", (CALL(SYS_SEEK, f, 0), CALL(SYS_READ, f, (Word)BAD, 4)), EFAULT_);
    check_error("writing from where no memory is", CALL(SYS_WRITE, f, (Word)BAD, 4), EFAULT_);
    check_is("close", CALL(SYS_CLOSE, f), 0);
    check_error("close again", CALL(SYS_CLOSE, f), EBADF_);
    check_error("reading of what is closed", CALL(SYS_READ, f, (Word)buffer, 4), EBADF_);
    check_error("a handle beyond the table", CALL(SYS_FLEN, 100000), EBADF_);
    f = open_file(path, 8);
    CALL(SYS_WRITE, f, (Word)"+", 1);
    check_is("appending", CALL(SYS_FLEN, f), 9);
    CALL(SYS_CLOSE, f);
    f = open_file(path, 0);
    check_error("writing to what is open for reading", CALL(SYS_WRITE, f, (Word)"x", 1), EBADF_);
    CALL(SYS_CLOSE, f);
    in_folder(other, folder, "kept");
    check_is("rename", CALL(SYS_RENAME, (Word)path, length(path), (Word)other, length(other)), 0);
    check_error("the old name is gone", open_file(path, 0), ENOENT_);
    check_error("remove of what is not there", CALL(SYS_REMOVE, (Word)path, length(path)), ENOENT_);
    CALL(SYS_CLOSE, open_file(path, 4));
    check_is("remove", CALL(SYS_REMOVE, (Word)path, length(path)), 0);
}

static void check_large(const char *folder)
{
    in_folder(path, folder, "large");
    Word f = open_file(path, 6), sum = 0;
    for (size_t n = 0; n < sizeof(buffer); n++) {
        buffer[n] = (char)(n * 7);
    }
    check_is("70000 bytes are written", CALL(SYS_WRITE, f, (Word)buffer, sizeof(buffer)), 0);
    for (size_t n = 0; n < sizeof(buffer); n++) {
        buffer[n] = 0;
    }
    CALL(SYS_SEEK, f, 0);
    check_is("and read", CALL(SYS_READ, f, (Word)buffer, sizeof(buffer)), 0);
    for (size_t n = 0; n < sizeof(buffer); n++) {
        sum += buffer[n] != (char)(n * 7);
    }
    check_is("each as it was", sum, 0);
    CALL(SYS_CLOSE, f);
    CALL(SYS_REMOVE, (Word)path, length(path));
}

static void check_hostile(void)
{
    check_error("a name longer than its text", CALL(SYS_OPEN, (Word)"ab\0cd", 0, 5), EINVAL_);
    check_error("a name without its end", CALL(SYS_OPEN, (Word)"abcd", 0, 2), EINVAL_);
    check("a name of 2 GiB", CALL(SYS_OPEN, (Word)"abcd", 0, 0x7fffffff) == FAILED);
    check_error("a name where no memory is", CALL(SYS_OPEN, (Word)BAD, 0, 4), EFAULT_);
    check_error("a mode that there is not", CALL(SYS_OPEN, (Word)":tt", 12, 3), EINVAL_);
    check_error("parameters where no memory is", semihost(SYS_OPEN, BAD), EFAULT_);
    check_error("text where no memory is", semihost(SYS_WRITE0, BAD), EFAULT_);
    check("an operation that there is not", semihost(0x77, NULL) == FAILED);
    Word first = open_file(":tt", 0), last = first, count = 0;
    while (last != FAILED && count++ < 1000) {
        last = open_file(":tt", 0);
    }
    check("handles are bounded", last == FAILED);
    for (Word n = first; n < first + count; n++) {
        CALL(SYS_CLOSE, n);
    }
}

static void check_features(void)
{
    Word f = open_file(":semihosting-features", 0);
    check_is("features: length", CALL(SYS_FLEN, f), 5);
    check_is("features: read", CALL(SYS_READ, f, (Word)buffer, 16), 11);
    check("features: SHFB, SH_EXT_EXIT_EXTENDED and SH_EXT_STDOUT_STDERR", same(buffer, "SHFB\3", 5));
    check_is("features: seek", CALL(SYS_SEEK, f, 4), 0);
    check_is("features: the last byte", CALL(SYS_READ, f, (Word)buffer, 1) + buffer[0], 3);
    check("features: no writing", CALL(SYS_WRITE, f, (Word)"x", 1) == FAILED);
    CALL(SYS_CLOSE, f);
}

/* ---- the rest ---- */

extern char _start[];

static void check_rest(void)
{
    Word heap[4] = { 0 }, block = (Word)heap, line[2] = { (Word)buffer, 3 };
    uint64_t first = 0, second = 0;
    check_is("heapinfo", semihost(SYS_HEAPINFO, &block), 0);
    check("there is a heap in the RAM behind the program", heap[0] > (Word)_start && heap[1] > heap[0] && heap[1] - heap[0] < 64u << 20);
    *(volatile char *)heap[0] = 1;
    check("it can be written to", *(volatile char *)heap[0] == 1);
    check("the stack lies in it", heap[2] > heap[3] && heap[2] <= heap[1] && heap[3] >= heap[0]);
    check_error("a command line in too small a buffer", semihost(SYS_GET_CMDLINE, line), E2BIG_);
    check_is("elapsed", semihost(SYS_ELAPSED, &first), 0);
    semihost(SYS_ELAPSED, &second);
    check("ticks go on", second > first);
    check_is("ticks of a second", semihost(SYS_TICKFREQ, NULL), 1000000000);
    check("the year is after 2020", semihost(SYS_TIME, NULL) > 1600000000);
    check("the clock is young", semihost(SYS_CLOCK, NULL) < 100 * 300);
    check_is("system: the status", CALL(SYS_SYSTEM, (Word)"exit 3", 6), 3 << 8);
    check_is("a temporary name", CALL(SYS_TMPNAM, (Word)buffer, 9, 256), 0);
    check("ends with the identifier", length(buffer) > 6 && same(buffer + length(buffer) - 2, "09", 2));
    check("no room for a name", CALL(SYS_TMPNAM, (Word)buffer, 9, 3) == FAILED);
    check_is("iserror of 0", CALL(SYS_ISERROR, 0), 0);
    check_is("iserror of -1", CALL(SYS_ISERROR, FAILED), 1);
}

static void calls(const char *folder)
{
    check_files(folder);
    check_large(folder);
    check_hostile();
    check_features();
    check_rest();
    semihost(SYS_WRITE0, "# by SYS_WRITE0\n");
    for (const char *c = "# by SYS_WRITEC\n"; *c; c++) {
        semihost(SYS_WRITEC, c);
    }
    char number[3] = { '0' + checks / 10 % 10, '0' + checks % 10, 0 };
    put("1..");
    put(number);
    put("\n");
}

static void echo(void)
{
    for (Word c; (c = semihost(SYS_READC, NULL)) != FAILED;) {
        char text[2] = { (char)c, 0 };
        put(text);
    }
}

static void read_console(void)
{
    enum { ROOM = 64 };
    Word in = open_file(":tt", 0);
    for (Word left; (left = CALL(SYS_READ, in, (Word)buffer, ROOM)) < ROOM;) {
        CALL(SYS_WRITE, out, (Word)buffer, ROOM - left);
    }
}

static void remote(const char *folder)
{
    in_folder(path, folder, "remote");
    Word f = open_file(path, 6);
    CALL(SYS_WRITE, f, (Word)"by the debugger\n", 16);
    put(CALL(SYS_FLEN, f) == 16 ? "length 16\n" : "another length\n");
    CALL(SYS_SEEK, f, 3);
    Word left = CALL(SYS_READ, f, (Word)buffer, 100);
    CALL(SYS_WRITE, out, (Word)buffer, 100 - left);
    put(CALL(SYS_CLOSE, f) == 0 ? "closed\n" : "not closed\n");
    check_error("what is not there", open_file("/none/none", 0), ENOENT_);
    semihost(SYS_WRITE0, "the end\n");
}

static void user(void) { leave(5); }

/* Whether the line's word number n is that; *rest: behind it. */
static bool word_is(const char *line, const char *word, const char **rest)
{
    *rest = line + length(word) + 1;
    return same(line, word, length(word)) && (line[length(word)] == ' ' || !line[length(word)]);
}

int main(void)
{
    static char line[512];
    const char *rest;
    Word block[2] = { (Word)line, sizeof(line) }, status = 0;
    out = open_file(":tt", 4);
    semihost(SYS_GET_CMDLINE, block);
    const char *at = line;
    while (*at && *at != ' ') {
        at++;           /* the program's name */
    }
    at += *at == ' ';
    if (word_is(at, "calls", &rest)) {
        calls(rest);
    } else if (word_is(at, "exit", &rest)) {
        while (*rest >= '0' && *rest <= '9') {
            status = status * 10 + (Word)(*rest++ - '0');
        }
    } else if (word_is(at, "error", &rest)) {
        semihost(SYS_EXIT, sizeof(Word) == 8 ? (const void *)(const Word[]){ RUN_TIME_ERROR, 9 } : (const void *)(Word)RUN_TIME_ERROR);
    } else if (word_is(at, "echo", &rest)) {
        echo();
    } else if (word_is(at, "read", &rest)) {
        read_console();
    } else if (word_is(at, "user", &rest)) {
        user_enter(user);
    } else if (word_is(at, "remote", &rest)) {
        remote(rest);
    } else {
        put("what?\n");
        status = 99;
    }
    leave(status);
}
