/* The block layer: images, alignment, order, overlays, locks, drives. SPDX-License-Identifier: GPL-2.0-or-later */
#include "block/drive.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir;

static char *image(const char *name, size_t bytes, int fill)
{
    char *path = g_build_filename(dir, name, NULL);
    g_autofree char *data = g_malloc(bytes + 1);
    memset(data, fill, bytes);
    g_assert_true(g_file_set_contents(path, data, bytes, NULL));
    return path;
}

static int byte_at(const char *path, long offset)
{
    FILE *f = fopen(path, "rb");
    fseek(f, offset, SEEK_SET);
    int c = fgetc(f);
    fclose(f);
    return c;
}

static DriveInfo *add(const char *format, ...) G_GNUC_PRINTF(1, 2);
static DriveInfo *add(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    GError *err = NULL;
    DriveInfo *d = drive_add(text, IF_IDE, &err);
    g_assert_no_error(err);
    g_assert_true(blk_set_perm(d->blk, BLOCK_PERM_CONSISTENT_READ | (blk_supports_write_perm(d->blk) ? BLOCK_PERM_WRITE : 0),
                               BLOCK_PERM_ALL & ~BLOCK_PERM_WRITE, &err));
    return d;
}

static void del(DriveInfo *d) { g_assert_true(drive_del(d->id, NULL)); }

static void fails(const char *text, const char *message)
{
    GError *err = NULL;
    g_assert_null(drive_add(text, IF_IDE, &err));
    g_assert_nonnull(err);
    g_assert_cmpstr(err->message, ==, message);
    g_error_free(err);
}

/* ---- callbacks ---- */
static int pending, worst;
static void done(void *opaque, int result)
{
    pending--;
    worst = result < 0 ? result : worst;
    *(int *)opaque = result;
}
static void wait_all(void)
{
    while (pending) {
        main_loop_iterate(true);
    }
}

static void test_read_write(void)
{
    g_autofree char *path = image("rw.img", 1 * MiB, 0x11);
    static const char *const aios[] = { "threads", "io_uring" };
    for (unsigned n = 0; n < G_N_ELEMENTS(aios); n++) {
        g_autofree char *text = g_strdup_printf("if=none,id=rw,format=raw,aio=%s,file=%s", aios[n], path);
        GError *err = NULL;
        DriveInfo *d = drive_add(text, IF_IDE, &err);
        if (!d && strstr(err->message, "not supported")) {
            g_error_free(err);
            continue;       /* a kernel without io_uring */
        }
        g_assert_no_error(err);
        g_assert_true(blk_set_perm(d->blk, BLOCK_PERM_CONSISTENT_READ | BLOCK_PERM_WRITE, BLOCK_PERM_ALL, &err));
        g_assert_cmpint(blk_getlength(d->blk), ==, 1 * MiB);
        uint8_t buf[3000], back[3000];
        for (unsigned i = 0; i < sizeof(buf); i++) {
            buf[i] = (uint8_t)(i * 7 + n);
        }
        IoVector w, r;
        io_vector_init(&w);
        io_vector_add(&w, buf, 1000);
        io_vector_add(&w, buf + 1000, 2000);
        int result = 1;
        pending = 1, worst = 0;
        blk_aio_pwritev(d->blk, 777, &w, 0, done, &result);
        g_assert_cmpint(result, ==, 1);         /* never before the call has returned */
        wait_all();
        g_assert_cmpint(result, ==, 0);
        io_vector_init_buffer(&r, back, sizeof(back));
        pending = 1;
        blk_aio_preadv(d->blk, 777, &r, 0, done, &result);
        wait_all();
        g_assert_cmpmem(buf, sizeof(buf), back, sizeof(back));
        g_assert_cmpint(blk_pread(d->blk, 776, 1, back, 0), ==, 0);
        g_assert_cmphex(back[0], ==, 0x11);
        /* Beyond the end. */
        g_assert_cmpint(blk_pread(d->blk, 1 * MiB - 1, 2, back, 0), ==, -EIO);
        g_assert_cmpint(blk_pwrite(d->blk, -1, 2, back, 0), ==, -EIO);
        g_assert_cmpint(blk_flush(d->blk), ==, 0);
        g_assert_cmpint(blk_stats(d->blk)->operations[BLOCK_ACCT_WRITE], ==, 1);
        g_assert_cmpint(blk_stats(d->blk)->bytes[BLOCK_ACCT_WRITE], ==, 3000);
        g_assert_cmpint(blk_stats(d->blk)->invalid[BLOCK_ACCT_READ], ==, 1);
        io_vector_clear(&w);
        del(d);
        g_assert_null(drive_get(IF_NONE, 0, 0));
    }
}

static void test_many(void)
{
    g_autofree char *path = image("many.img", 4 * MiB, 0);
    DriveInfo *d = add("if=none,id=many,format=raw,file=%s", path);
    enum { N = 1000 };
    g_autofree uint8_t *data = g_malloc(N * 4096);
    g_autofree IoVector *v = g_new(IoVector, N);
    g_autofree int *results = g_new(int, N);
    pending = N, worst = 0;
    blk_io_plug();
    for (int n = 0; n < N; n++) {
        memset(data + n * 4096, n, 4096);
        io_vector_init_buffer(&v[n], data + n * 4096, 4096);
        blk_aio_pwritev(d->blk, (int64_t)n * 4096, &v[n], 0, done, &results[n]);
    }
    blk_io_unplug();
    wait_all();
    g_assert_cmpint(worst, ==, 0);
    for (int n = 0; n < N; n++) {
        g_assert_cmpint(byte_at(path, n * 4096 + 17), ==, n & 0xff);
    }
    del(d);
}

/* Writes that share a block: with an alignment of 4096 bytes each has to read, change and write it, and none may undo another's. */
static void test_overlapping(void)
{
    g_autofree char *path = image("ov.img", 64 * KiB, 0xee);
    DriveInfo *d = add("if=none,id=ov,format=raw,snapshot=on,file=%s", path);
    enum { N = 128 };
    uint8_t data[N][100];
    IoVector v[N];
    int results[N];
    pending = N, worst = 0;
    for (int n = 0; n < N; n++) {
        memset(data[n], n, 100);
        io_vector_init_buffer(&v[n], data[n], 100);
        blk_aio_pwritev(d->blk, n * 100, &v[n], 0, done, &results[n]);
    }
    wait_all();
    g_assert_cmpint(worst, ==, 0);
    uint8_t back[64 * KiB];
    g_assert_cmpint(blk_pread(d->blk, 0, sizeof(back), back, 0), ==, 0);
    for (unsigned n = 0; n < sizeof(back); n++) {
        g_assert_cmphex(back[n], ==, n < N * 100 ? n / 100 : 0xee);
    }
    /* The image is as it was. */
    g_assert_cmpint(byte_at(path, 500), ==, 0xee);
    del(d);
    g_assert_cmpint(byte_at(path, 500), ==, 0xee);
}

static void test_overlay_end(void)
{
    /* The image ends in the middle of the overlay's last block. */
    g_autofree char *path = image("end.img", 10 * 512, 0x77);
    DriveInfo *d = add("if=none,id=end,format=raw,snapshot=on,file=%s", path);
    uint8_t buf[10 * 512];
    g_assert_cmpint(blk_getlength(d->blk), ==, 10 * 512);
    memset(buf, 0x42, 512);
    g_assert_cmpint(blk_pwrite(d->blk, 9 * 512, 512, buf, 0), ==, 0);
    g_assert_cmpint(blk_getlength(d->blk), ==, 10 * 512);
    g_assert_cmpint(blk_pread(d->blk, 0, sizeof(buf), buf, 0), ==, 0);
    g_assert_cmphex(buf[8 * 512 + 511], ==, 0x77);
    g_assert_cmphex(buf[9 * 512], ==, 0x42);
    g_assert_cmphex(buf[9 * 512 + 511], ==, 0x42);
    g_assert_cmpint(blk_pwrite(d->blk, 9 * 512, 513, buf, 0), ==, -EIO);
    del(d);
}

static void test_direct(void)
{
    g_autofree char *path = image("direct.img", 64 * KiB, 0x21);
    int fd = open(path, O_RDWR | O_DIRECT);
    if (fd < 0) {
        g_test_skip("no O_DIRECT here");
        return;
    }
    close(fd);
    DriveInfo *d = add("if=none,id=direct,format=raw,cache=none,file=%s", path);
    uint8_t buf[1000], back[3000];
    memset(buf, 0x99, sizeof(buf));
    g_assert_cmpint(blk_pwrite(d->blk, 4000, sizeof(buf), buf, 0), ==, 0);
    g_assert_cmpint(blk_pread(d->blk, 3000, sizeof(back), back, 0), ==, 0);
    g_assert_cmphex(back[999], ==, 0x21);
    g_assert_cmphex(back[1000], ==, 0x99);
    g_assert_cmphex(back[1999], ==, 0x99);
    g_assert_cmphex(back[2000], ==, 0x21);
    del(d);
}

static void test_zeroes(void)
{
    g_autofree char *path = image("zero.img", 1 * MiB, 0x55);
    DriveInfo *d = add("if=none,id=zero,format=raw,discard=unmap,detect-zeroes=unmap,file=%s", path);
    int result;
    pending = 1, worst = 0;
    blk_aio_pwrite_zeroes(d->blk, 1000, 300000, BLOCK_REQ_MAY_UNMAP, done, &result);
    wait_all();
    g_assert_cmpint(result, ==, 0);
    g_assert_cmphex(byte_at(path, 999), ==, 0x55);
    g_assert_cmphex(byte_at(path, 1000), ==, 0);
    g_assert_cmphex(byte_at(path, 300999), ==, 0);
    g_assert_cmphex(byte_at(path, 301000), ==, 0x55);
    pending = 1;
    blk_aio_pdiscard(d->blk, 512 * KiB, 512 * KiB, done, &result);
    wait_all();
    g_assert_cmpint(result, ==, 0);
    g_assert_cmphex(byte_at(path, 600 * KiB), ==, 0);
    static uint8_t zeroes[64 * KiB];
    g_assert_cmpint(blk_pwrite(d->blk, 400 * KiB, sizeof(zeroes), zeroes, 0), ==, 0);
    g_assert_cmphex(byte_at(path, 401 * KiB), ==, 0);
    g_assert_cmpint(blk_getlength(d->blk), ==, 1 * MiB);
    del(d);
}

/* ---- locks ---- */
static char *try_lock_elsewhere(const char *path, bool read_only)
{
    /* Another open file description is another process to the kernel. */
    g_autofree char *text = g_strdup_printf("if=none,id=second,format=raw,readonly=%s,file=%s", read_only ? "on" : "off", path);
    GError *err = NULL;
    DriveInfo *d = drive_add(text, IF_IDE, &err);
    g_assert_no_error(err);
    char *message = NULL;
    if (!blk_set_perm(d->blk, BLOCK_PERM_CONSISTENT_READ | (read_only ? 0 : BLOCK_PERM_WRITE), BLOCK_PERM_ALL & ~BLOCK_PERM_WRITE, &err)) {
        message = g_strdup_printf("%s\n%s", err->message, error_get_hint(err));
        g_error_free(err);
    }
    del(d);
    return message;
}

static void test_locks(void)
{
    g_autofree char *path = image("lock.img", 4096, 0);
    DriveInfo *d = add("if=none,id=lock,format=raw,file=%s", path);
    g_autofree char *message = try_lock_elsewhere(path, false), *expected = NULL;
    expected = g_strdup_printf("Failed to get \"write\" lock\nIs another process using the image [%s]?", path);
    g_assert_cmpstr(message, ==, expected);
    g_free(message), g_free(expected);
    message = try_lock_elsewhere(path, true);
    expected = g_strdup_printf("Failed to get shared \"write\" lock\nIs another process using the image [%s]?", path);
    g_assert_cmpstr(message, ==, expected);
    g_free(message);
    /* The bytes that other programs look at. */
    int fd = open(path, O_RDWR);
    static const struct { int byte; bool locked; } bytes[] = { { 100, true }, { 101, true }, { 102, false }, { 103, false }, { 200, false }, { 201, true }, { 202, false } };
    for (unsigned n = 0; n < G_N_ELEMENTS(bytes); n++) {
        struct flock fl = { .l_whence = SEEK_SET, .l_start = bytes[n].byte, .l_len = 1, .l_type = F_WRLCK };
        g_assert_cmpint(fcntl(fd, F_OFD_GETLK, &fl), ==, 0);
        g_assert_cmpint(fl.l_type != F_UNLCK, ==, bytes[n].locked);
    }
    close(fd);
    /* The failed attempts left nothing behind, and what is given back is free. */
    del(d);
    message = try_lock_elsewhere(path, false);
    g_assert_null(message);
    /* Readers that let each other read. */
    d = add("if=none,id=lock,format=raw,readonly=on,file=%s", path);
    message = try_lock_elsewhere(path, true);
    g_assert_null(message);
    del(d);
}

/* ---- formats ---- */
static char *plain;
static void catch_report(const char *kind, const char *text)
{
    g_free(plain);
    plain = g_strdup_printf("%s|%s", kind ? kind : "", text);
}

static void test_probing(void)
{
    report_set_sink(catch_report);
    g_autofree char *path = image("guess.img", 64 * KiB, 0);
    DriveInfo *d = add("if=none,id=guess,file=%s", path);
    g_autofree char *expected = g_strdup_printf("|WARNING: Image format was not specified for '%s' and probing guessed raw.\n"
                                                "         Automatically detecting the format is dangerous for raw images, write operations on block 0 will be "
                                                "restricted.\n         Specify the 'raw' format explicitly to remove the restrictions.", path);
    g_assert_cmpstr(plain, ==, expected);
    /* Block 0 does not become a qcow2 header; anything else may be written, and header bytes elsewhere. */
    uint8_t sector[512] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };
    g_assert_cmpint(blk_pwrite(d->blk, 0, 512, sector, 0), ==, -EPERM);
    g_assert_cmpint(blk_pwrite(d->blk, 0, 8, sector, 0), ==, -EPERM);
    g_assert_cmpint(byte_at(path, 0), ==, 0);
    g_assert_cmpint(blk_pwrite(d->blk, 512, 512, sector, 0), ==, 0);
    sector[0] = 0xeb;
    g_assert_cmpint(blk_pwrite(d->blk, 0, 512, sector, 0), ==, 0);
    del(d);
    /* Named: no warning, no restriction. */
    g_clear_pointer(&plain, g_free);
    d = add("if=none,id=guess,format=raw,file=%s", path);
    g_assert_null(plain);
    sector[0] = 'Q';
    g_assert_cmpint(blk_pwrite(d->blk, 0, 512, sector, 0), ==, 0);
    del(d);
    /* Now it is one. */
    g_autofree char *text = g_strdup_printf("if=none,id=q,file=%s", path);
    g_autofree char *message = g_strdup_printf("Could not open '%s': the image format 'qcow2' is not implemented", path);
    fails(text, message);
    /* Read-only: nothing to warn of. */
    g_autofree char *cd = image("cd.iso", 64 * KiB, 0);
    d = add("if=none,id=guess,media=cdrom,file=%s", cd);
    g_assert_null(plain);
    uint8_t byte = 0;
    g_assert_cmpint(blk_pwrite(d->blk, 0, 1, &byte, 0), ==, -EPERM);
    del(d);
    report_set_sink(NULL);
}

static void test_errors(void)
{
    g_autofree char *path = image("err.img", 4096, 0), *none = g_build_filename(dir, "none.img", NULL);
#define FAILS(message, ...) do { g_autofree char *text_ = g_strdup_printf(__VA_ARGS__); fails(text_, message); } while (0)
    g_autofree char *missing = g_strdup_printf("Could not open '%s': No such file or directory", none);
    g_autofree char *directory = g_strdup_printf("'file' driver requires '%s' to be a regular file", dir);
    FAILS(missing, "file=%s", none);
    FAILS(directory, "file=%s,format=raw", dir);
    FAILS("Unknown driver 'foo'", "file=%s,format=foo", path);
    FAILS("unsupported bus type 'foo'", "file=%s,if=foo", path);
    FAILS("invalid cache option", "file=%s,format=raw,cache=foo", path);
    FAILS("invalid aio option", "file=%s,format=raw,aio=foo", path);
    FAILS("'foo' invalid media", "file=%s,format=raw,media=foo", path);
    FAILS("'foo' invalid write error action", "file=%s,format=raw,werror=foo", path);
    FAILS("'enospc' invalid read error action", "file=%s,format=raw,rerror=enospc", path);
    FAILS("werror is not supported by this bus type", "file=%s,format=raw,if=floppy,werror=stop", path);
    FAILS("Parameter 'read-only' expects 'on' or 'off'", "file=%s,format=raw,readonly=foo", path);
    FAILS("Invalid discard option", "file=%s,format=raw,discard=foo", path);
    FAILS("invalid parameter value: foo", "file=%s,format=raw,detect-zeroes=foo", path);
    FAILS("aio=native was specified, but it requires cache.direct=on, which was not specified.", "file=%s,format=raw,aio=native", path);
    FAILS("index cannot be used with bus and unit", "file=%s,format=raw,index=1,bus=3", path);
    FAILS("Block format 'raw' does not support the option 'foo'", "file=%s,format=raw,foo=1", path);
    FAILS("Block protocol 'file' doesn't support the option 'foo'", "file=%s,format=raw,file.foo=1", path);
    FAILS("Cannot specify both 'driver' and 'format'", "file=%s,format=raw,driver=raw", path);
    FAILS("Unknown protocol 'foo'", "file=foo:bar,format=raw");
    FAILS("the protocol 'nbd' is not implemented", "file=nbd:localhost:1,format=raw");
    FAILS("A block device must be specified for \"file\"", "file=,format=raw");
    FAILS("Can't specify 'file' and 'filename' options at the same time", "file=%s,file.filename=x,format=raw", path);
    FAILS("Must specify either driver or file", "file=json:{}");
    FAILS("The sum of offset (0) and size (8192) has to be smaller or equal to the  actual size of the containing file (4096)",
          "file=%s,format=raw,size=8192", path);
    FAILS("I/O throttling (iops) is not implemented", "file=%s,format=raw,iops=100", path);
    g_assert_null(block_node_next(NULL));       /* every failure left nothing behind */
    g_assert_null(blk_next(NULL));
}

static void test_places(void)
{
    DriveInfo *a = add("index=2,media=cdrom"), *b = add("media=disk,if=ide"), *c = add("if=ide");
    g_assert_true(drive_get(IF_IDE, 1, 0) == a);
    g_assert_cmpstr(a->id, ==, "ide1-cd0");
    g_assert_cmpstr(b->id, ==, "ide0-hd0");
    g_assert_cmpstr(c->id, ==, "ide0-hd1");
    fails("index=2", "drive with bus=1, unit=0 (index=2) exists");
    DriveInfo *f = add("if=floppy,index=1"), *n = add("if=none,unit=44,bus=2,id=x");
    g_assert_cmpstr(f->id, ==, "floppy1");
    g_assert_true(drive_get(IF_NONE, 2, 44) == n);
    fails("if=none,id=x", "Duplicate ID 'x' for drive");
    g_assert_false(blk_is_inserted(n->blk));
    g_assert_cmpint(blk_getlength(n->blk), ==, -ENOMEDIUM);
    g_assert_cmpint(blk_pread(n->blk, 0, 1, &(char){ 0 }, 0), ==, -ENOMEDIUM);
    del(a), del(b), del(c), del(f), del(n);
}

/* ---- nodes ---- */
static void test_blockdev(void)
{
    g_autofree char *path = image("node.img", 8192, 0x31);
    GError *err = NULL;
    g_autofree char *json = g_strdup_printf("{\"driver\": \"raw\", \"node-name\": \"top\", \"offset\": 4096, \"file\": {\"driver\": \"file\", \"node-name\": "
                                            "\"bottom\", \"filename\": \"%s\"}}", path);
    g_assert_true(blockdev_add_text(json, &err));
    BlockNode *top = block_node_find("top"), *bottom = block_node_find("bottom");
    g_assert_nonnull(top);
    g_assert_true(top->file->node == bottom);
    g_assert_cmpint(top->length, ==, 4096);
    uint8_t byte;
    g_assert_cmpint(block_pread(top, 100, 1, &byte, 0), ==, 0);
    g_assert_cmphex(byte, ==, 0x31);
    static const char *const bad[][2] = {
        { "driver=raw,node-name=a", "Parameter 'file' is missing" },
        { "driver=file,node-name=a", "Parameter 'filename' is missing" },
        { "driver=file,filename=x", "'node-name' must be specified for the root node" },
        { "driver=foo,node-name=a", "Parameter 'driver' does not accept value 'foo'" },
        { "node-name=a,filename=x", "Parameter 'driver' is missing" },
        { "driver=raw,node-name=a,file=nope", "Cannot find device='nope' nor node-name='nope'" },
        { "driver=null-co,node-name=a,foo.bar=1", "Parameter 'foo' is unexpected" },
        { "driver=null-co,node-name=1a", "Invalid node-name: '1a'" },
        { "driver=null-co,node-name=top", "Duplicate nodes with node-name='top'" },
        { "driver=null-co,node-name=a,cache.direct=foo", "Parameter 'cache.direct' expects 'on' or 'off'" },
        { "driver=null-co,node-name=a,force-share=on", "force-share=on can only be used with read-only images" },
        { "{\"driver\":\"file\"", "JSON parse error, premature EOI" },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(bad); n++) {
        g_assert_false(blockdev_add_text(bad[n][0], &err));
        g_assert_cmpstr(err->message, ==, bad[n][1]);
        g_clear_error(&err);
    }
    g_assert_false(blockdev_del("bottom", &err));
    g_assert_cmpstr(err->message, ==, "Node 'bottom' is busy: node is used by node 'top'");
    g_clear_error(&err);
    /* Two writers that do not share. */
    BlockBackend *one = blk_new(NULL, &err), *two = blk_new(NULL, &err);
    unsigned perm = BLOCK_PERM_CONSISTENT_READ | BLOCK_PERM_WRITE, shared = BLOCK_PERM_ALL & ~BLOCK_PERM_WRITE;
    g_assert_true(blk_set_perm(one, perm, shared, &err) && blk_insert(one, top, &err));
    g_assert_true(blk_set_perm(two, perm, shared, &err));
    g_assert_false(blk_insert(two, top, &err));
    g_assert_true(g_str_has_prefix(err->message, "Permission conflict on node 'top': permissions 'write' are both required by an unnamed block device"));
    g_clear_error(&err);
    blk_unref(one), blk_unref(two);
    g_assert_true(blockdev_del("top", &err));
    g_assert_null(block_node_find("bottom"));
}

static void test_drained(void)
{
    GError *err = NULL;
    DriveInfo *d = add("if=none,id=slow,driver=null-co,size=1M,latency-ns=20000000,read-zeroes=on");
    int result = 1;
    uint8_t buf[512] = { 1 };
    IoVector v;
    io_vector_init_buffer(&v, buf, sizeof(buf));
    pending = 1, worst = 0;
    blk_aio_preadv(d->blk, 0, &v, 0, done, &result);
    block_drained_begin(blk_node(d->blk));
    g_assert_cmpint(result, ==, 0);
    g_assert_cmpint(buf[0], ==, 0);
    result = 1, pending = 1;
    blk_aio_preadv(d->blk, 0, &v, 0, done, &result);
    for (int n = 0; n < 5; n++) {
        g_usleep(10000);
        main_loop_iterate(false);
    }
    g_assert_cmpint(result, ==, 1);
    block_drained_end(blk_node(d->blk));
    wait_all();
    g_assert_cmpint(result, ==, 0);
    /* Gone while a request runs: the callback still comes. */
    pending = 1, result = 1;
    blk_aio_preadv(d->blk, 0, &v, 0, done, &result);
    blk_drain(d->blk);
    g_assert_cmpint(result, ==, 0);
    del(d);
    g_assert_no_error(err);
}

static void test_read_only(void)
{
    g_autofree char *path = image("ro.img", 4096, 0);
    GError *err = NULL;
    g_autofree char *text = g_strdup_printf("if=none,id=ro,format=raw,readonly=on,file=%s", path);
    DriveInfo *d = drive_add(text, IF_IDE, &err);
    g_assert_false(blk_supports_write_perm(d->blk));
    g_assert_false(blk_set_perm(d->blk, BLOCK_PERM_WRITE, BLOCK_PERM_ALL, &err));
    g_assert_cmpstr(err->message, ==, "Block node is read-only");
    g_clear_error(&err);
    del(d);
}

static void test_error_policy(void)
{
    DriveInfo *d = add("if=none,id=pol,werror=stop,rerror=ignore");
    g_assert_cmpint(blk_error_action(d->blk, false, EIO), ==, BLOCK_ERROR_ACTION_STOP);
    g_assert_cmpint(blk_error_action(d->blk, true, EIO), ==, BLOCK_ERROR_ACTION_IGNORE);
    del(d);
    d = add("if=none,id=pol");
    g_assert_cmpint(blk_error_action(d->blk, false, EIO), ==, BLOCK_ERROR_ACTION_REPORT);
    g_assert_cmpint(blk_error_action(d->blk, false, ENOSPC), ==, BLOCK_ERROR_ACTION_STOP);
    g_assert_cmpint(blk_error_action(d->blk, true, EIO), ==, BLOCK_ERROR_ACTION_REPORT);
    del(d);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    dir = g_dir_make_tmp("test-block-XXXXXX", NULL);
    g_test_add_func("/block/read-write", test_read_write);
    g_test_add_func("/block/many", test_many);
    g_test_add_func("/block/overlapping", test_overlapping);
    g_test_add_func("/block/overlay-end", test_overlay_end);
    g_test_add_func("/block/direct", test_direct);
    g_test_add_func("/block/zeroes", test_zeroes);
    g_test_add_func("/block/locks", test_locks);
    g_test_add_func("/block/probing", test_probing);
    g_test_add_func("/block/errors", test_errors);
    g_test_add_func("/block/places", test_places);
    g_test_add_func("/block/blockdev", test_blockdev);
    g_test_add_func("/block/drained", test_drained);
    g_test_add_func("/block/read-only", test_read_only);
    g_test_add_func("/block/error-policy", test_error_policy);
    int result = g_test_run();
    g_autofree char *remove = g_strdup_printf("rm -rf '%s'", dir);
    return system(remove) ? 1 : result;
}
