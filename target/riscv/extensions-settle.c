/*
 * What becomes of the extensions that a model and a user have asked for: what brings what, what cannot be together, what follows from the rest.
 *
 * The messages and their order are the reference's. The RISC-V Instruction Set Manual, volume I, the introduction of each extension ("depends on", "implies");
 * RISC-V Profiles 1.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/cpu-models.h"
#include "util/error.h"

#include <inttypes.h>

#define X(name) RISCV_EXT_##name
#define HAS(name) riscv_has(cpu, name)

/* ---- implications ---- */

typedef struct Implication { RiscvExt from; RiscvExt to[10]; uint8_t count; } Implication;
#define IMPLIES(from_, ...) { X(from_), { __VA_ARGS__ }, sizeof((RiscvExt[]){ __VA_ARGS__ }) / sizeof(RiscvExt) }
/* Those that bring others stand above these. */
static const Implication implications[] = {
    IMPLIES(zk, X(zkn), X(zkr), X(zkt), X(zbkb), X(zbkc), X(zbkx), X(zkne), X(zknd), X(zknh)),
    IMPLIES(zkn, X(zbkb), X(zbkc), X(zbkx), X(zkne), X(zknd), X(zknh)),
    IMPLIES(zks, X(zbkb), X(zbkc), X(zbkx), X(zksed), X(zksh)),
    IMPLIES(zvknc, X(zvkn), X(zvbc)),
    IMPLIES(zvkng, X(zvkn), X(zvkg)),
    IMPLIES(zvkn, X(zvkned), X(zvknhb), X(zvkb), X(zvkt)),
    IMPLIES(zvknhb, X(zvknha), X(zve64x)),
    IMPLIES(zvksc, X(zvks), X(zvbc)),
    IMPLIES(zvksg, X(zvks), X(zvkg)),
    IMPLIES(zvks, X(zvksed), X(zvksh), X(zvkb), X(zvkt)),
    IMPLIES(zvbb, X(zvkb)),
    IMPLIES(zvfh, X(zvfhmin), X(zfhmin)),
    IMPLIES(zvfhmin, X(zve32f)),
    IMPLIES(zvfbfwma, X(zvfbfmin), X(zfbfmin)),
    IMPLIES(zvfbfmin, X(zve32f)),
    IMPLIES(zvfbfa, X(zve32f), X(zfbfmin)),
    IMPLIES(v, X(zve64d)),
    IMPLIES(zve64d, X(zve64f), X(d)),
    IMPLIES(zve64f, X(zve64x), X(zve32f), X(f)),
    IMPLIES(zve64x, X(zve32x)),
    IMPLIES(zve32f, X(zve32x), X(f)),
    IMPLIES(zve32x, X(zicsr)),
    IMPLIES(zfh, X(zfhmin)),
    IMPLIES(zfhmin, X(f)),
    IMPLIES(zfbfmin, X(f)),
    IMPLIES(zfa, X(f)),
    IMPLIES(zce, X(zcb), X(zcmp), X(zcmt)),
    IMPLIES(zcb, X(zca)),
    IMPLIES(zcmp, X(zca)),
    IMPLIES(zcmt, X(zca), X(zicsr)),
    IMPLIES(zcd, X(zca), X(d)),
    IMPLIES(zcf, X(zca), X(f)),
    IMPLIES(zclsd, X(zca), X(zilsd)),
    IMPLIES(d, X(f)),
    IMPLIES(f, X(zicsr)),
    IMPLIES(zhinx, X(zhinxmin)),
    IMPLIES(zhinxmin, X(zfinx)),
    IMPLIES(zdinx, X(zfinx)),
    IMPLIES(zfinx, X(zicsr)),
    IMPLIES(zicntr, X(zicsr)),
    IMPLIES(zihpm, X(zicsr)),
    IMPLIES(smctr, X(s), X(sscsrind)),
    IMPLIES(ssctr, X(s), X(sscsrind)),
    IMPLIES(ssccfg, X(smcdeleg), X(smcsrind), X(sscsrind)),
    IMPLIES(sspm, X(smnpm)),
    IMPLIES(supm, X(ssnpm), X(smnpm)),
};

/* Only what the user did not turn off by name, and what the version has. */
static void imply(RiscvCpu *cpu, RiscvExt e)
{
    if (!riscv_ext_in(&cpu->user_ext, e) && cpu->priv_version >= riscv_extensions[e].oldest) {
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
    if (HAS(zce) && HAS(f) && cpu->xlen == 32) {
        imply(cpu, X(zcf));
    }
}

/* ---- letters that stand for others ---- */

/* What a collection stands for, where nothing forbids it; else it is said. */
static void expand(RiscvCpu *cpu, RiscvExt letter, const RiscvExt *parts, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const RiscvExtInfo *info = &riscv_extensions[parts[i]];
        if (riscv_ext_in(&cpu->ext, parts[i])) {
            continue;
        }
        if (riscv_ext_in(&cpu->user_ext, parts[i]) || cpu->priv_version < info->oldest) {
            if (letter != X(g) || riscv_ext_in(&cpu->user_ext, X(g))) {
                warn_report("RV%c mandates disabled extension %s", g_ascii_toupper(riscv_extensions[letter].name[0]), info->name);
            }
        } else {
            riscv_ext_set(&cpu->ext, parts[i], true);
        }
    }
}

static void expand_letters(RiscvCpu *cpu)
{
    static const RiscvExt g[] = { X(i), X(m), X(a), X(f), X(d), X(zicsr), X(zifencei) }, b[] = { X(zba), X(zbb), X(zbs) };
    if (HAS(g)) {
        expand(cpu, X(g), g, ARRAY_SIZE(g));
    }
    if (HAS(b)) {
        expand(cpu, X(b), b, ARRAY_SIZE(b));
    }
}

/* C is Zca, and Zcf and Zcd as far as the registers are there; and the other way round. */
static void settle_compressed(RiscvCpu *cpu, bool zca_alone)
{
    if (HAS(c) && !zca_alone) {
        imply(cpu, X(zca));
        if (HAS(f) && cpu->xlen == 32) {
            imply(cpu, X(zcf));
        }
        if (HAS(d)) {
            imply(cpu, X(zcd));
        }
    }
    bool whole = HAS(zca) && (!HAS(d) || HAS(zcd)) && (!HAS(f) || (cpu->xlen == 64 ? HAS(zcd) : HAS(zcf)));
    if (whole && !HAS(c)) {
        if (riscv_ext_in(&cpu->user_ext, X(c))) {
            warn_report("RVC mandated by Zca/Zcf/Zcd extensions");
        } else {
            riscv_ext_set(&cpu->ext, X(c), true);
        }
    }
}

static void derive_from_letters(RiscvCpu *cpu)
{
    if (HAS(m)) {
        imply(cpu, X(zmmul));
    }
    if (HAS(a)) {
        imply(cpu, X(zaamo));
        imply(cpu, X(zalrsc));
    }
}

/* What translations go by where the version has no name for it. */
static void derive_unlisted(RiscvCpu *cpu)
{
    RiscvExtSet listed = cpu->ext;
    derive_from_letters(cpu);
    if (HAS(c)) {
        riscv_ext_set(&cpu->ext, X(zca), true);
        riscv_ext_set(&cpu->ext, X(zcf), HAS(zcf) || (HAS(f) && cpu->xlen == 32 && !riscv_ext_in(&cpu->user_ext, X(zcf))));
        riscv_ext_set(&cpu->ext, X(zcd), HAS(zcd) || (HAS(d) && !HAS(zcmp) && !HAS(zcmt) && !riscv_ext_in(&cpu->user_ext, X(zcd))));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(listed.bits); i++) {
        cpu->unlisted.bits[i] = cpu->ext.bits[i] & ~listed.bits[i];
    }
}

/* ---- what cannot be ---- */

typedef struct Rule { bool broken; const char *text; } Rule;
static const char *first_broken(const Rule *rules, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (rules[i].broken) {
            return rules[i].text;
        }
    }
    return NULL;
}

static const char *broken_letters(const RiscvCpu *cpu)
{
    const Rule rules[] = {
        { !HAS(i) && !HAS(e), "Either I or E extension must be set" },
        { HAS(i) && HAS(e), "I and E extensions are incompatible" },
        { HAS(s) && !HAS(u), "Setting S extension without U extension is illegal" },
        { HAS(h) && !HAS(i), "H depends on an I base integer ISA with 32 x registers" },
        { HAS(h) && !HAS(s), "H extension implicitly requires S-mode" },
        { HAS(f) && !HAS(zicsr), "F extension requires Zicsr" },
        { HAS(zacas) && !HAS(a), "Zacas extension requires A extension" },
        { HAS(zawrs) && !HAS(a), "Zawrs extension requires A extension" },
        { HAS(zfa) && !HAS(f), "Zfa extension requires F extension" },
        { HAS(zfhmin) && !HAS(f), "Zfh/Zfhmin extensions require F extension" },
        { HAS(zfbfmin) && !HAS(f), "Zfbfmin extension depends on F extension" },
        { HAS(d) && !HAS(f), "D extension requires F extension" },
    };
    return first_broken(rules, ARRAY_SIZE(rules));
}

static const char *broken_vector(const RiscvCpu *cpu)
{
    const Rule rules[] = {
        { HAS(zve64d) && !HAS(d), "Zve64d/V extensions require D extension" },
        { HAS(zve32f) && !HAS(f), "Zve32f/Zve64f extensions require F extension" },
        { HAS(zvfhmin) && !HAS(zve32f), "Zvfh/Zvfhmin extensions require Zve32f extension" },
        { HAS(zvfh) && !HAS(zfhmin), "Zvfh extensions requires Zfhmin extension" },
        { HAS(zvfbfmin) && !HAS(zve32f), "Zvfbfmin extension depends on Zve32f extension" },
        { HAS(zvfbfwma) && !HAS(zvfbfmin), "Zvfbfwma extension depends on Zvfbfmin extension" },
        { HAS(zvfbfa) && (!HAS(zve32f) || !HAS(zfbfmin)), "Zvfbfa extension requires Zve32f extension and Zfbfmin extension" },
        { HAS(zfinx) && !HAS(zicsr), "Zfinx extension requires Zicsr" },
        { HAS(zfinx) && HAS(f), "Zfinx cannot be supported together with F extension" },
    };
    return first_broken(rules, ARRAY_SIZE(rules));
}

static const char *broken_compressed(const RiscvCpu *cpu)
{
    const Rule rules[] = {
        { HAS(zcmop) && !HAS(zca), "Zcmop extensions require Zca" },
        { HAS(zcf) && cpu->xlen == 64, "Zcf extension is only relevant to RV32" },
        { HAS(zcf) && !HAS(f), "Zcf extension requires F extension" },
        { HAS(zcd) && !HAS(d), "Zcd extension requires D extension" },
        { (HAS(zcf) || HAS(zcd) || HAS(zcb) || HAS(zcmp) || HAS(zcmt)) && !HAS(zca), "Zcf/Zcd/Zcb/Zcmp/Zcmt extensions require Zca extension" },
        { (HAS(zcmp) || HAS(zcmt)) && HAS(zcd), "Zcmp/Zcmt extensions are incompatible with Zcd extension" },
        { HAS(zcmt) && !HAS(zicsr), "Zcmt extension requires Zicsr extension" },
        { (HAS(zilsd) || HAS(zclsd)) && HAS(c) && HAS(f), "Zclsd cannot be supported together with C and F extension" },
        { HAS(zclsd) && HAS(zcf), "Zclsd cannot be supported together with Zcf extension" },
    };
    return first_broken(rules, ARRAY_SIZE(rules));
}

static const char *broken_rest(const RiscvCpu *cpu)
{
    bool vector_crypto = HAS(zvbb) || HAS(zvkb) || HAS(zvkg) || HAS(zvkned) || HAS(zvknha) || HAS(zvksed) || HAS(zvksh);
    bool counters_named = riscv_ext_in(&cpu->user_ext, X(zicntr)), events_named = riscv_ext_in(&cpu->user_ext, X(zihpm));
    const Rule rules[] = {
        { vector_crypto && !HAS(zve32x), "Vector crypto extensions require V or Zve* extensions" },
        { (HAS(zvbc) || HAS(zvknhb)) && !HAS(zve64x), "Zvbc and Zvknhb extensions require V or Zve64x extensions" },
        { HAS(zicntr) && counters_named && !HAS(zicsr), "zicntr requires zicsr" },
        { HAS(zihpm) && events_named && !HAS(zicsr), "zihpm requires zicsr" },
        { HAS(zicfiss) && !HAS(zicsr), "zicfiss extension requires zicsr extension" },
        { HAS(zicfiss) && !HAS(a), "zicfiss extension requires A extension" },
        { HAS(zicfiss) && !HAS(s), "zicfiss extension requires S" },
        { HAS(zicfiss) && !HAS(zimop), "zicfiss extension requires zimop extension" },
        { HAS(zicfiss) && HAS(zca) && !HAS(zcmop), "zicfiss with zca requires zcmop extension" },
        { HAS(zicfilp) && !HAS(zicsr), "zicfilp extension requires zicsr extension" },
        { (HAS(smctr) || HAS(ssctr)) && (!HAS(s) || !HAS(sscsrind)), "Smctr and Ssctr require S-mode and Sscsrind" },
        { HAS(svrsw60t59b) && (!cpu->mmu || cpu->xlen == 32), "svrsw60t59b is not supported on RV32 and MMU-less platforms" },
    };
    return first_broken(rules, ARRAY_SIZE(rules));
}

static bool check_rules(RiscvCpu *cpu, GError **err)
{
    const char *text = broken_letters(cpu);
    if (!text && HAS(zve32x) && !riscv_check_vector(cpu, err)) {
        return false;
    }
    text = text ? text : broken_vector(cpu);
    text = text ? text : broken_compressed(cpu);
    text = text ? text : broken_rest(cpu);
    return !text || error_set(err, "%s", text);
}

/* ---- what is left out ---- */

static void leave_out_for_paging(RiscvCpu *cpu)
{
    static const RiscvExt needy[] = { X(svpbmt), X(svnapot) };
    if (cpu->shown_satp >= SATP_SV39) {
        return;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(needy); i++) {
        if (riscv_ext_in(&cpu->ext, needy[i]) && !cpu->model->everything) {
            warn_report("%s requires at least satp sv39, current satp mode: %s", riscv_extensions[needy[i]].name, cpu->shown_satp == SATP_SV32 ? "sv32" : "none");
        }
        riscv_ext_set(&cpu->ext, needy[i], false);
    }
}

static void leave_out_newer(RiscvCpu *cpu)
{
    for (unsigned e = 0; e < RISCV_EXT_rv32; e++) {
        bool counters = e == X(zicntr) || e == X(zihpm);       /* older than their names */
        if (riscv_ext_in(&cpu->ext, e) && !counters && cpu->priv_version < riscv_extensions[e].oldest) {
            riscv_ext_set(&cpu->ext, e, false);
            warn_report("disabling %s extension for hart 0x%" PRIx64 " because privilege spec version does not match", riscv_extensions[e].name, cpu->hartid);
        }
    }
}

/* The user's own is an error; what the model has and we have not is said once and left out. */
static bool leave_out_missing(RiscvCpu *cpu, GError **err)
{
    static bool said;
    g_autoptr(GString) names = g_string_new(NULL);
    for (unsigned e = 0; e < RISCV_EXT_COUNT; e++) {
        if (!riscv_ext_in(&cpu->ext, e) || riscv_extensions[e].kind != EXT_MISSING) {
            continue;
        }
        if (riscv_ext_in(&cpu->user_ext, e)) {
            return error_set(err, "extension '%s' is not implemented", riscv_extensions[e].name);
        }
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", riscv_extensions[e].name);
        riscv_ext_set(&cpu->ext, e, false);
    }
    if (names->len && !said) {
        said = true;
        warn_report("CPU model '%s' is run without what is not implemented: %s", cpu->model->name, names->str);
    }
    return true;
}

/* ---- facts ---- */

/* What all CPUs here have to say of themselves, from the version on that has a name for it. */
static void set_facts(RiscvCpu *cpu)
{
    for (unsigned e = 0; e < RISCV_EXT_rv32; e++) {
        if (riscv_extensions[e].kind == EXT_FACT) {
            riscv_ext_set(&cpu->ext, e, cpu->priv_version >= riscv_extensions[e].oldest);
        }
    }
    bool blocks_64 = cpu->cbom_blocksize == 64 && cpu->cbop_blocksize == 64 && cpu->cboz_blocksize == 64;
    riscv_ext_set(&cpu->ext, X(zic64b), HAS(zic64b) && blocks_64);
    riscv_ext_set(&cpu->ext, X(ziccrse), cpu->priv_version >= riscv_extensions[X(ziccrse)].oldest);
    riscv_ext_set(&cpu->ext, X(ssstateen), HAS(smstateen));
    riscv_ext_set(&cpu->ext, X(sha), HAS(h) && HAS(smstateen));
    riscv_ext_set(&cpu->ext, X(sdtrig), HAS(sdtrig) && cpu->debug);
}

bool riscv_settle_extensions(RiscvCpu *cpu, GError **err)
{
    bool zca_alone = HAS(zca) && cpu->model && cpu->model->kind == MODEL_VENDOR;
    if (HAS(smepmp) && !cpu->pmp) {
        return error_set(err, "Invalid configuration: Smepmp requires PMP support");
    }
    if (HAS(h) && cpu->priv_version < 12) {
        return error_set(err, "H extension requires priv spec 1.12.0");
    }
    apply_implications(cpu);
    expand_letters(cpu);
    if (cpu->priv_version >= 12) {
        settle_compressed(cpu, zca_alone);
        derive_from_letters(cpu);
    }
    if (!check_rules(cpu, err)) {
        return false;
    }
    riscv_warn_of_profiles(cpu);
    if (!HAS(zicsr)) {
        riscv_ext_set(&cpu->ext, X(zicntr), false);
        riscv_ext_set(&cpu->ext, X(zihpm), false);
    }
    leave_out_for_paging(cpu);
    leave_out_newer(cpu);
    if (HAS(zihpm) && (cpu->pmu_mask & 7)) {
        return error_set(err, "\"pmu-mask\" contains invalid bits (0-2) set");
    }
    set_facts(cpu);
    if (!leave_out_missing(cpu, err)) {
        return false;
    }
    derive_unlisted(cpu);
    return true;
}
