/*
 * Walks of AArch32's short descriptors: sections, supersections, large and small pages, domains; the format of ARMv5 with its subpages where there is no other.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), G5.4 (VMSAv8-32 short-descriptor format), G5.6 (access permissions, domains); ARM Architecture Reference Manual
 * (DDI 0100), B4.3 and B4.7 (subpages, S and R).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/mmu.h"

enum { TTBCR_PD0 = 1 << 4, TTBCR_PD1 = 1 << 5, SCTLR_S_V5 = 1 << 8, SCTLR_R_V5 = 1 << 9, SCTLR_XP_V6 = 1 << 23 };
enum { DOMAIN_CLIENT = 1, DOMAIN_MANAGER = 3 };

typedef struct Leaf {
    uint64_t base;
    unsigned bits, domain;
    int level;
    unsigned ap;            /* AP[2:0] */
    bool xn, pxn, ng, ns;
} Leaf;

static bool old_format(const ArmCpu *cpu, uint64_t sctlr)
{
    return !arm_has(cpu, v6) || (!arm_has(cpu, v7) && !(sctlr & SCTLR_XP_V6));
}

/* ---- rights ---- */

static void set_rights(const ArmCpu *cpu, ArmWalk *w, const Leaf *l, uint64_t sctlr)
{
    static const struct { uint8_t privileged, user; } full[8] = {       /* bit 0: read, bit 1: write */
        { 0, 0 }, { 3, 0 }, { 3, 1 }, { 3, 3 }, { 0, 0 }, { 1, 0 }, { 1, 1 }, { 1, 1 },
    };
    unsigned privileged = full[l->ap].privileged, user = full[l->ap].user;
    if (arm_has(cpu, v7) && (sctlr & SCTLR_AFE)) {
        privileged = l->ap & 4 ? 1 : 3;
        user = l->ap & 2 ? privileged : 0;
    } else if (l->ap == 0 && old_format(cpu, sctlr)) {
        privileged = sctlr & (SCTLR_S_V5 | SCTLR_R_V5) ? 1 : 0;
        user = sctlr & SCTLR_R_V5 ? 1 : 0;
    }
    unsigned rights = w->user ? user : w->pan && user ? 0 : privileged, readable = w->user ? user : privileged;
    bool wxn = arm_has(cpu, a32_virt) && (((sctlr & SCTLR_WXN) && (readable & 2)) || (!w->user && (sctlr & SCTLR_UWXN) && (user & 2)));
    w->read = rights & 1;
    w->write = rights & 2;
    w->exec = (readable & 1) && !l->xn && !wxn && !(l->pxn && !w->user);
}

static WalkResult finish(const ArmCpu *cpu, ArmWalk *w, uint32_t vaddr, const Leaf *l)
{
    uint64_t sctlr = cpu->sctlr_el[w->regime];
    uint32_t dacr = w->regime == 3 ? cpu->dacr_s : (uint32_t)cpu->dacr32_el2;
    unsigned client = dacr >> (2 * l->domain) & 3;
    w->domain = l->domain;
    w->page_bits = l->bits;
    w->paddr = l->base | (vaddr & MAKE_MASK(0, l->bits));
    w->secure = w->secure && !l->ns;
    w->global = false;              /* DACR is a part of the space's name */
    if (client == DOMAIN_MANAGER) {
        w->read = w->write = true;
        w->exec = true;
        return WALK_OK;
    }
    set_rights(cpu, w, l, sctlr);
    if (w->quiet) {
        return WALK_OK;
    }
    if (client != DOMAIN_CLIENT) {
        return arm_walk_fault(w, l->level == 1 ? FSC_DOMAIN_SECTION : FSC_DOMAIN_PAGE, 0);
    }
    if (arm_has(cpu, v7) && (sctlr & SCTLR_AFE) && !(l->ap & 1)) {
        return arm_walk_fault(w, FSC_ACCESS_FLAG, l->level);
    }
    bool ok = w->access == TCG_ACCESS_LOAD ? w->read : w->access == TCG_ACCESS_STORE ? w->write : w->exec;
    return ok ? WALK_OK : arm_walk_fault(w, FSC_PERMISSION, l->level);
}

/* ---- second level ---- */

static bool second_level_new(uint32_t vaddr, uint32_t desc, Leaf *l)
{
    switch (desc & 3) {
    case 0:
        return false;
    case 1:
        l->base = desc & 0xffff0000;
        l->bits = 16;
        l->xn = desc >> 15 & 1;
        break;
    default:
        l->base = desc & 0xfffff000;
        l->bits = 12;
        l->xn = desc & 1;
        break;
    }
    l->ap = (desc >> 4 & 3) | (desc >> 9 & 1) << 2;
    l->ng = desc >> 11 & 1;
    return true;
}

/* Four subpages with rights of their own; *mixed: they differ within 4 KiB. */
static bool second_level_old(uint32_t vaddr, uint32_t desc, Leaf *l, bool *mixed)
{
    unsigned sub = 0;
    switch (desc & 3) {
    case 0:
        return false;
    case 1:
        l->base = desc & 0xffff0000;
        l->bits = 16;
        sub = vaddr >> 14 & 3;
        *mixed = (desc >> 4 & 0xff) != (desc >> 4 & 3) * 0x55;
        l->bits = *mixed ? 14 : 16;
        l->base |= *mixed ? vaddr & 0xc000 : 0;
        *mixed = false;
        break;
    case 2:
        l->base = desc & 0xfffff000;
        l->bits = 12;
        sub = vaddr >> 10 & 3;
        *mixed = (desc >> 4 & 0xff) != (desc >> 4 & 3) * 0x55;
        break;
    default:        /* extended small page: one field of rights */
        l->base = desc & 0xfffff000;
        l->bits = 12;
        break;
    }
    l->ap = desc >> (4 + 2 * sub) & 3;
    return true;
}

/* ---- the walk ---- */

typedef struct Table { uint64_t base; bool disabled; unsigned n; } Table;

static Table choose_table(const ArmCpu *cpu, const ArmWalk *w, uint32_t vaddr)
{
    uint32_t ttbcr = arm_has(cpu, v6) ? (uint32_t)cpu->tcr_el[w->regime] : 0;
    unsigned n = ttbcr & 7;
    if (n && vaddr >> (32 - n)) {
        return (Table){ cpu->ttbr1_el[w->regime], ttbcr & TTBCR_PD1, 0 };
    }
    return (Table){ cpu->ttbr0_el[w->regime], ttbcr & TTBCR_PD0, n };
}

WalkResult arm_walk_short(ArmCpu *cpu, uint64_t address, ArmWalk *w)
{
    uint32_t vaddr = (uint32_t)address, modified = !arm_has(cpu, v7) && vaddr >> 25 == 0 ? vaddr | cpu->fcseidr : vaddr;
    uint64_t sctlr = cpu->sctlr_el[w->regime], desc;
    bool big_endian = sctlr & SCTLR_EE, old = old_format(cpu, sctlr), mixed = false, has_pxn = arm_has(cpu, lpae) || arm_has(cpu, v8), secure = w->secure;
    Table t = choose_table(cpu, w, modified);
    if (t.disabled) {
        return arm_walk_fault(w, FSC_TRANSLATION, 1);
    }
    uint64_t at = (t.base & UINT32_MAX & ~MAKE_MASK(0, 14 - t.n)) | extract64(modified, 20, 12 - t.n) << 2;
    w->level = 1;
    if (arm_walk_table_address(cpu, w, &at, false) != WALK_OK) {
        return WALK_FAULT;
    }
    if (!arm_read_descriptor(cpu, at, 4, secure, big_endian, &desc)) {
        return arm_walk_fault(w, FSC_EXTERNAL_WALK, 1);
    }
    Leaf l = { .level = 1, .domain = desc >> 5 & 15 };
    unsigned type = desc & 3;
    w->domain = l.domain;
    if (type == 0 || (type == 3 && !old && !has_pxn)) {
        return arm_walk_fault(w, FSC_TRANSLATION, 1);
    }
    if (type == 2 || (type == 3 && !old)) {
        bool super = !old && (desc >> 18 & 1);
        l.bits = super ? 24 : 20;
        l.base = super ? (desc & 0xff000000) | extract64(desc, 20, 4) << 32 | extract64(desc, 5, 4) << 36 : desc & 0xfff00000;
        l.domain = super ? 0 : l.domain;
        l.ap = (desc >> 10 & 3) | (old ? 0 : desc >> 15 & 1) << 2;
        l.xn = !old && (desc >> 4 & 1);
        l.ng = !old && (desc >> 17 & 1);
        l.ns = !old && (desc >> 19 & 1);
        l.pxn = !old && has_pxn && (desc & 1);
        return finish(cpu, w, vaddr, &l);
    }
    l.level = 2;
    l.pxn = !old && has_pxn && (desc >> 2 & 1);
    l.ns = !old && (desc >> 3 & 1);
    /* A fine table of ARMv5 has entries for each KiB. */
    at = type == 3 ? (desc & 0xfffff000) | extract64(modified, 10, 10) << 2 : (desc & 0xfffffc00) | extract64(modified, 12, 8) << 2;
    if (arm_walk_table_address(cpu, w, &at, false) != WALK_OK) {
        return WALK_FAULT;
    }
    if (!arm_read_descriptor(cpu, at, 4, secure, big_endian, &desc)) {
        return arm_walk_fault(w, FSC_EXTERNAL_WALK, 2);
    }
    if (!(old ? second_level_old(modified, (uint32_t)desc, &l, &mixed) : second_level_new(modified, (uint32_t)desc, &l))) {
        return arm_walk_fault(w, FSC_TRANSLATION, 2);
    }
    w->once = mixed || (old && type == 3);
    return finish(cpu, w, vaddr, &l);
}
