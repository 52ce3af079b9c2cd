/*
 * Extensions: their table, models applied, what brings what.
 *
 * The RISC-V Instruction Set Manual, volume I, the introduction of each extension ("depends on", "implies"); RISC-V Profiles 1.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/cpu-models.h"
#include "util/error.h"

#include <string.h>

const RiscvExtInfo riscv_extensions[RISCV_EXT_COUNT] = {
#define EXT(name, kind) [RISCV_EXT_##name] = { #name, EXT_##kind },
#include "target/riscv/extensions.def"
#undef EXT
    [RISCV_EXT_rv32] = { NULL, EXT_FACT }, [RISCV_EXT_rv64] = { NULL, EXT_FACT },
    [RISCV_EXT_s] = { "s", EXT_DONE }, [RISCV_EXT_u] = { "u", EXT_DONE }, [RISCV_EXT_g] = { "g", EXT_DONE },
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

static void add_isa(RiscvCpu *cpu, const char *isa)
{
    size_t letters = strcspn(isa, "_");
    for (size_t i = 0; i < letters; i++) {
        int e = riscv_ext_find(isa + i, 1);
        if (e >= 0) {
            riscv_ext_set(&cpu->ext, e, true);
        }
    }
    for (const char *p = isa + letters; *p == '_';) {
        size_t n = strcspn(++p, "_");
        int e = riscv_ext_find(p, n);
        if (e >= 0) {
            riscv_ext_set(&cpu->ext, e, true);
        }
        p += n;
    }
}

/* What "max" has and could do without. */
static bool max_leaves_out(RiscvExt e)
{
    return e == RISCV_EXT_e || e == RISCV_EXT_svade || e == RISCV_EXT_rv32 || e == RISCV_EXT_rv64 || e == RISCV_EXT_zcf;
}

void riscv_apply_model(RiscvCpu *cpu, const RiscvModel *m)
{
    cpu->model = m;
    cpu->xlen = m->xlen;
    riscv_ext_set(&cpu->ext, m->xlen == 32 ? RISCV_EXT_rv32 : RISCV_EXT_rv64, true);
    add_isa(cpu, m->isa);
    riscv_ext_set(&cpu->ext, RISCV_EXT_s, strchr(m->privileges, 's') != NULL);
    riscv_ext_set(&cpu->ext, RISCV_EXT_u, strchr(m->privileges, 'u') != NULL);
    for (int e = 0; m->everything && e < RISCV_EXT_COUNT; e++) {
        if (riscv_extensions[e].kind != EXT_MISSING && !max_leaves_out(e)) {
            riscv_ext_set(&cpu->ext, e, true);
        }
    }
    cpu->mmu = !m->no_mmu;
    cpu->pmp = m->pmp_regions != 0;
    cpu->num_pmp_regions = m->pmp_regions ? m->pmp_regions : 16;
    cpu->max_satp = m->max_satp;
    cpu->vlen = m->vlen ? m->vlen : 128;
    cpu->mvendorid = m->mvendorid;
    cpu->marchid = m->marchid ? m->marchid : 42;
    cpu->mimpid = m->mimpid;
}

/* ---- implications ---- */

#define X(name) RISCV_EXT_##name
typedef struct Implication { RiscvExt from; RiscvExt to[8]; uint8_t count; } Implication;
#define IMPLIES(from_, ...) { X(from_), { __VA_ARGS__ }, sizeof((RiscvExt[]){ __VA_ARGS__ }) / sizeof(RiscvExt) }
/* Of those that come from others, the ones that bring more stand further down. */
static const Implication implications[] = {
    IMPLIES(g, X(i), X(m), X(a), X(f), X(d), X(zicsr), X(zifencei)),
    IMPLIES(b, X(zba), X(zbb), X(zbs)),
    IMPLIES(m, X(zmmul)),
    IMPLIES(a, X(zaamo), X(zalrsc)),
    IMPLIES(c, X(zca)),
    IMPLIES(zacas, X(zaamo)),
    IMPLIES(zabha, X(zaamo)),
    IMPLIES(zk, X(zkn), X(zkr), X(zkt)),
    IMPLIES(zkn, X(zbkb), X(zbkc), X(zbkx), X(zkne), X(zknd), X(zknh)),
    IMPLIES(zks, X(zbkb), X(zbkc), X(zbkx), X(zksed), X(zksh)),
    IMPLIES(v, X(zve64d)),
    IMPLIES(zve64d, X(zve64f)),
    IMPLIES(zve64f, X(zve64x), X(zve32f)),
    IMPLIES(zve64x, X(zve32x)),
    IMPLIES(zve32f, X(zve32x)),
    IMPLIES(zfh, X(zfhmin)),
    IMPLIES(zvknc, X(zvkn), X(zvbc)),
    IMPLIES(zvkng, X(zvkn), X(zvkg)),
    IMPLIES(zvkn, X(zvkned), X(zvknhb), X(zvkb), X(zvkt)),
    IMPLIES(zvksc, X(zvks), X(zvbc)),
    IMPLIES(zvksg, X(zvks), X(zvkg)),
    IMPLIES(zvks, X(zvksed), X(zvksh), X(zvkb), X(zvkt)),
    IMPLIES(zvbb, X(zvkb)),
    IMPLIES(zvfh, X(zvfhmin)),
    IMPLIES(zvfbfwma, X(zvfbfmin)),
    IMPLIES(zcmop, X(zca)),
    IMPLIES(zcb, X(zca)),
    IMPLIES(d, X(f)),
    IMPLIES(f, X(zicsr)),
};
typedef struct Requirement { RiscvExt what, needed; } Requirement;
static const Requirement requirements[] = {
    { X(d), X(f) }, { X(v), X(d) }, { X(zfhmin), X(f) }, { X(zfa), X(f) }, { X(h), X(s) }, { X(s), X(u) }, { X(zve32f), X(f) }, { X(zve64d), X(d) },
};

static void imply(RiscvCpu *cpu, RiscvExt e)
{
    /* Only what the user did not turn off by name. */
    if (!riscv_ext_in(&cpu->user_ext, e) && riscv_extensions[e].kind != EXT_MISSING) {
        riscv_ext_set(&cpu->ext, e, true);
    }
}

static void apply_implications(RiscvCpu *cpu)
{
    for (unsigned i = 0; i < ARRAY_SIZE(implications); i++) {
        if (riscv_ext_in(&cpu->ext, implications[i].from)) {
            for (unsigned k = 0; k < implications[i].count; k++) {
                imply(cpu, implications[i].to[k]);
            }
        }
    }
    /* What a collection stands for when a part of it is turned off by name. */
    if (riscv_has(cpu, zca) && riscv_has(cpu, c)) {
        if (riscv_has(cpu, d)) {
            imply(cpu, X(zcd));
        }
        if (riscv_has(cpu, f) && cpu->xlen == 32) {
            imply(cpu, X(zcf));
        }
    }
    if (!riscv_has(cpu, c) && riscv_ext_in(&cpu->user_ext, X(c))) {
        static const RiscvExt parts[] = { X(zca), X(zcb), X(zcd), X(zcf), X(zcmop) };
        for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
            if (!riscv_ext_in(&cpu->user_ext, parts[i])) {
                riscv_ext_set(&cpu->ext, parts[i], false);
            }
        }
    }
}

/* The user has turned a letter off: what came with it in the model goes, too. */
static void drop_dependents(RiscvCpu *cpu)
{
    static const Requirement parts[] = {
        { X(zmmul), X(m) }, { X(zaamo), X(a) }, { X(zalrsc), X(a) }, { X(d), X(f) }, { X(zfa), X(f) }, { X(zfh), X(f) }, { X(zfhmin), X(f) }, { X(zcd), X(d) },
        { X(zcf), X(f) }, { X(v), X(d) }, { X(zve64d), X(v) }, { X(zve64f), X(v) }, { X(zve32f), X(v) }, { X(zve64x), X(v) }, { X(zve32x), X(v) },
        { X(zk), X(zkr) }, { X(zacas), X(a) }, { X(zabha), X(a) }, { X(h), X(s) }, { X(ssaia), X(s) },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
        if (!riscv_ext_in(&cpu->ext, parts[i].needed) && !riscv_ext_in(&cpu->user_ext, parts[i].what)
            && (riscv_ext_in(&cpu->user_ext, parts[i].needed) || parts[i].needed == X(d))) {
            riscv_ext_set(&cpu->ext, parts[i].what, false);
        }
    }
}

/* What the model has and we have not: said once, left out. */
static void leave_out_missing(RiscvCpu *cpu)
{
    static bool said;
    g_autoptr(GString) names = g_string_new(NULL);
    for (int e = 0; e < RISCV_EXT_COUNT; e++) {
        if (riscv_ext_in(&cpu->ext, e) && riscv_extensions[e].kind == EXT_MISSING) {
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", riscv_extensions[e].name);
            riscv_ext_set(&cpu->ext, e, false);
        }
    }
    if (names->len && !said) {
        said = true;
        warn_report("CPU model '%s' is run without what is not implemented: %s", cpu->model->name, names->str);
    }
}

bool riscv_settle_extensions(RiscvCpu *cpu, GError **err)
{
    if (riscv_has(cpu, e)) {
        return error_set(err, "extension 'e' (RV32E, RV64E) is not implemented");
    }
    drop_dependents(cpu);
    apply_implications(cpu);
    leave_out_missing(cpu);
    for (unsigned i = 0; i < ARRAY_SIZE(requirements); i++) {
        if (riscv_ext_in(&cpu->ext, requirements[i].what) && !riscv_ext_in(&cpu->ext, requirements[i].needed)) {
            return error_set(err, "%s extension requires %s extension", riscv_extensions[requirements[i].what].name,
                             riscv_extensions[requirements[i].needed].name);
        }
    }
    if (riscv_has(cpu, zcf) && cpu->xlen == 64) {
        return error_set(err, "Zcf extension is only relevant to RV32");
    }
    return true;
}
