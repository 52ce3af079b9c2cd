/*
 * Extensions: their table; what models and users make of a CPU.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/cpu-models.h"
#include "util/error.h"

#include <string.h>

const RiscvExtInfo riscv_extensions[RISCV_EXT_COUNT] = {
#define EXT(name, kind, oldest) [RISCV_EXT_##name] = { #name, EXT_##kind, oldest },
#include "target/riscv/extensions.def"
#undef EXT
    [RISCV_EXT_rv32] = { NULL, EXT_FACT, 10 }, [RISCV_EXT_rv64] = { NULL, EXT_FACT, 10 },
    [RISCV_EXT_s] = { "s", EXT_DONE, 10 }, [RISCV_EXT_u] = { "u", EXT_DONE, 10 }, [RISCV_EXT_g] = { "g", EXT_DONE, 10 },
};

int riscv_ext_find(const char *name, size_t length)
{
    for (int e = 0; e < RISCV_EXT_COUNT; e++) {
        const char *n = riscv_extensions[e].name;
        if (n && !strncmp(n, name, length) && !n[length]) {
            return e;
        }
    }
    return -1;
}

/* ---- models ---- */

static void add_one(RiscvExtSet *set, const char *name, size_t length)
{
    int e = riscv_ext_find(name, length);
    if (e >= 0) {
        riscv_ext_set(set, e, true);
    }
}

static RiscvExtSet set_of(const RiscvModel *m)
{
    RiscvExtSet set = { { 0 } };
    size_t letters = strcspn(m->isa, "_");
    for (size_t i = 0; i < letters; i++) {
        add_one(&set, m->isa + i, 1);
    }
    for (const char *p = m->isa + letters; *p == '_';) {
        size_t n = strcspn(++p, "_");
        add_one(&set, p, n);
        p += n;
    }
    for (const char *p = m->privileges; *p; p++) {
        add_one(&set, p, 1);
    }
    return set;
}

/* What "max" has and could do without. */
static bool max_leaves_out(unsigned e)
{
    static const uint8_t others[] = {
        RISCV_EXT_e, RISCV_EXT_g, RISCV_EXT_rv32, RISCV_EXT_rv64, RISCV_EXT_svade, RISCV_EXT_zcf, RISCV_EXT_zfinx, RISCV_EXT_zdinx, RISCV_EXT_zhinx, RISCV_EXT_zhinxmin,
        RISCV_EXT_zcmp, RISCV_EXT_zcmt, RISCV_EXT_zce, RISCV_EXT_zilsd, RISCV_EXT_zclsd, RISCV_EXT_smdbltrp, RISCV_EXT_smrnmi,
    };
    return memchr(others, (int)e, sizeof(others));
}
_Static_assert(RISCV_EXT_COUNT < 256, "they fit into bytes");

void riscv_apply_model(RiscvCpu *cpu, const RiscvModel *m)
{
    cpu->model = m;
    cpu->xlen = m->xlen;
    cpu->ext = set_of(m);
    riscv_ext_set(&cpu->ext, m->xlen == 32 ? RISCV_EXT_rv32 : RISCV_EXT_rv64, true);
    riscv_ext_set(&cpu->ext, RISCV_EXT_sdtrig, true);
    for (int e = 0; m->everything && e < RISCV_EXT_COUNT; e++) {
        if (riscv_extensions[e].kind != EXT_MISSING && !max_leaves_out(e)) {
            riscv_ext_set(&cpu->ext, e, true);
        }
    }
    cpu->mmu = !m->no_mmu;
    cpu->pmp = m->pmp_regions != 0;
    cpu->num_pmp_regions = m->pmp_regions ? m->pmp_regions : 16;
    cpu->max_satp = m->max_satp;
    cpu->satp_limit = m->kind != MODEL_BARE ? m->max_satp : m->xlen == 32 ? SATP_SV32 : SATP_SV57;
    cpu->priv_version = riscv_privileged_version(m->priv_spec);
    cpu->vlen = m->vlen ? m->vlen : 128;
    cpu->mvendorid = m->mvendorid;
    cpu->marchid = m->marchid ? m->marchid : 42;
    cpu->mimpid = m->mimpid;
}

/* ---- users ---- */

const char *const riscv_profiles[RISCV_NR_PROFILES] = { "rva22u64", "rva22s64", "rva23u64", "rva23s64" };

bool riscv_user_extension(RiscvCpu *cpu, RiscvExt e, bool on, GError **err)
{
    if (on && cpu->model && cpu->model->kind == MODEL_VENDOR && !riscv_ext_in(&cpu->ext, e)) {
        return error_set(err, "'%s' CPU does not allow enabling extensions", cpu->model->name);
    }
    if (on && !riscv_ext_in(&cpu->ext, e)) {
        cpu->priv_version = MAX(cpu->priv_version, riscv_extensions[e].oldest);
    }
    riscv_ext_set(&cpu->ext, e, on);
    riscv_ext_set(&cpu->user_ext, e, true);
    return true;
}

static const RiscvModel *model_of(const char *profile)
{
    const RiscvModel *m = riscv_models;
    while (strcmp(m->name, profile)) {
        m++;
    }
    return m;
}

bool riscv_user_profile(RiscvCpu *cpu, const char *name, bool on, GError **err)
{
    const RiscvModel *profile = model_of(name);
    if (cpu->model->kind == MODEL_VENDOR) {
        return error_set(err, "Profile %s is not available for vendor CPUs", name);
    }
    if (cpu->xlen == 32) {
        return error_set(err, "Profile %s only available for 64 bit CPUs", name);
    }
    RiscvExtSet set = set_of(profile);
    for (unsigned e = 0; e < RISCV_EXT_COUNT; e++) {
        if (riscv_ext_in(&set, e) && (on || (e != RISCV_EXT_i && !(e == RISCV_EXT_h && cpu->model->kind == MODEL_GENERIC))) && !riscv_user_extension(cpu, e, on, err)) {
            return false;
        }
    }
    if (on) {
        cpu->priv_version = riscv_privileged_version(profile->priv_spec);
        cpu->max_satp = profile->max_satp != SATP_BARE ? profile->max_satp : cpu->max_satp;
    }
    return true;
}

void riscv_warn_of_profiles(const RiscvCpu *cpu)
{
    for (unsigned i = 0; i < RISCV_NR_PROFILES; i++) {
        RiscvExtSet set = set_of(model_of(riscv_profiles[i]));
        for (unsigned e = 0; cpu->profile[i] && e < RISCV_EXT_COUNT; e++) {
            if (riscv_ext_in(&set, e) && !riscv_ext_in(&cpu->ext, e)) {
                warn_report("Profile %s mandates disabled extension %s", riscv_profiles[i], riscv_extensions[e].name);
            }
        }
    }
}
