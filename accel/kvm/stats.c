/*
 * The kernel's statistics of the VM and of a vCPU (api.rst, 4.133 KVM_GET_STATS_FD).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "accel/stats.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { MOST_STATS = 4096, MOST_NAME = 1024, MOST_VALUES = 4096 };

static bool read_all(int fd, void *buf, size_t bytes, off_t at) { return pread(fd, buf, bytes, at) == (ssize_t)bytes; }

/* 0 as a type or unit that we have no word for: left out. */
static bool describe(AccelStat *stat, const struct kvm_stats_desc *d)
{
    static const char *const types[] = { "cumulative", "instant", "peak", "linear-histogram", "log2-histogram" };
    static const char *const units[] = { NULL, "bytes", "seconds", "cycles", "boolean" };
    unsigned type = (d->flags & KVM_STATS_TYPE_MASK) >> KVM_STATS_TYPE_SHIFT, unit = (d->flags & KVM_STATS_UNIT_MASK) >> KVM_STATS_UNIT_SHIFT;
    if (type >= G_N_ELEMENTS(types) || unit >= G_N_ELEMENTS(units) || !d->size || d->size > MOST_VALUES) {
        return false;
    }
    stat->type = types[type];
    stat->unit = units[unit];
    stat->exponent = d->exponent;
    stat->base = (d->flags & KVM_STATS_BASE_MASK) == KVM_STATS_BASE_POW2 ? 2 : 10;
    stat->bucket_size = d->bucket_size;
    stat->count = d->size;
    return true;
}

static bool read_one(int fd, const struct kvm_stats_header *h, unsigned n, bool values, GPtrArray *out)
{
    size_t bytes = sizeof(struct kvm_stats_desc) + h->name_size;
    g_autofree struct kvm_stats_desc *d = g_malloc0(bytes + 1);
    if (!read_all(fd, d, bytes, h->desc_offset + (off_t)(n * bytes))) {
        return false;
    }
    AccelStat *stat = g_new0(AccelStat, 1);
    if (!describe(stat, d)) {
        g_free(stat);
        return true;
    }
    stat->name = g_strdup(d->name);
    g_ptr_array_add(out, stat);
    if (values) {
        stat->values = g_new0(uint64_t, stat->count);
        return read_all(fd, stat->values, stat->count * sizeof(uint64_t), h->data_offset + (off_t)d->offset);
    }
    return true;
}

static GPtrArray *collect(int fd, bool values, GError **err)
{
    struct kvm_stats_header h;
    if (fd < 0) {
        error_set_errno(err, -fd, "KVM stats: ioctl failed");
        return NULL;
    }
    GPtrArray *out = g_ptr_array_new();
    bool ok = read_all(fd, &h, sizeof(h), 0) && h.num_desc <= MOST_STATS && h.name_size <= MOST_NAME;
    for (unsigned n = 0; ok && n < h.num_desc; n++) {
        ok = read_one(fd, &h, n, values, out);
    }
    close(fd);
    if (!ok) {
        accel_stats_free(out);
        error_set(err, "KVM stats: failed to read");
        return NULL;
    }
    return out;
}

static int stats_fd(int vcpu_index)
{
    Cpu *cpu = vcpu_index < 0 ? NULL : cpu_by_index(vcpu_index);
    if (vcpu_index < 0) {
        return kvm_vm_ioctl(KVM_GET_STATS_FD, NULL);
    }
    return cpu && cpu->accel && cpu->accel->fd >= 0 ? kvm_vcpu_ioctl(cpu, KVM_GET_STATS_FD, NULL) : -ENODEV;
}

/* An ioctl on a vCPU waits until it leaves guest code: it is asked on its thread. */
typedef struct FdRequest { int index, fd; } FdRequest;

static void stats_fd_on(Cpu *cpu, void *opaque)
{
    FdRequest *r = opaque;
    r->fd = stats_fd(r->index);
}

static GPtrArray *stats_of(int vcpu_index, bool values, GError **err)
{
    FdRequest r = { .index = vcpu_index };
    Cpu *cpu = vcpu_index < 0 ? NULL : cpu_by_index(vcpu_index);
    if (cpu) {
        cpu_run_on(cpu, stats_fd_on, &r);
    } else {
        r.fd = stats_fd(vcpu_index);
    }
    return collect(r.fd, values, err);
}

static GPtrArray *kvm_stats_schema(bool of_vcpu, GError **err) { return stats_of(of_vcpu ? 0 : -1, false, err); }
static GPtrArray *kvm_stats_read(int vcpu_index, GError **err) { return stats_of(vcpu_index, true, err); }

static const AccelStatsProvider provider = { .name = "kvm", .schema = kvm_stats_schema, .read = kvm_stats_read };

void kvm_stats_start(void)
{
    if (kvm_capability(KVM_CAP_BINARY_STATS_FD)) {
        accel_set_stats_provider(&provider);
    }
}
