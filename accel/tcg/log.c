/*
 * Sight: what is translated and run in the debug log, and the text of "info jit".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"
#include "ostrich-config.h"
#include "util/disassemble.h"
#include "util/log.h"

#include <inttypes.h>
#include <stdlib.h>
#ifdef CONFIG_CAPSTONE
#include <capstone/capstone.h>
#endif

/* ---- disassembly ---- */

static void hex_line(FILE *out, uint64_t addr, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += 16) {
        fprintf(out, "0x%08" PRIx64 ": ", addr + i);
        for (size_t k = i; k < MIN(i + 16, size); k++) {
            fprintf(out, " %02x", bytes[k]);
        }
        fputc('\n', out);
    }
}

static void print_insn(const DisassembledInsn *insn, void *opaque)
{
    FILE *out = opaque;
    fprintf(out, "0x%08" PRIx64 ": ", insn->address);
    for (unsigned k = 0; k < 8 || k < insn->size; k++) {
        if (k < insn->size) {
            fprintf(out, " %02x", insn->bytes[k]);
        } else {
            fputs("   ", out);
        }
    }
    fprintf(out, "  %s %s\n", insn->mnemonic, insn->operands);
}

static void print_code(FILE *out, int arch, int mode, uint64_t addr, const uint8_t *bytes, size_t size)
{
    if (arch < 0 || !disassemble(arch, mode, addr, bytes, size, 0, print_insn, out)) {
        hex_line(out, addr, bytes, size);
    }
}

void log_guest_code(TcgVcpu *v, uint64_t linear, const uint8_t *bytes, size_t size)
{
    if (!log_in_filter(linear)) {
        return;
    }
    int arch = -1, mode = 0;
    FILE *out = log_lock();
    fprintf(out, "----------------\nIN: \n");
    if (v->cpu->arch->disassembler) {
        v->cpu->arch->disassembler(v->cpu, &arch, &mode);
    }
    print_code(out, arch, mode, linear, bytes, size);
    fputc('\n', out);
    log_unlock(out);
}

void log_ir(TcgVcpu *v, const char *title, const IrBlock *block)
{
    if (!log_in_filter(v->target->linear_pc(v->cpu))) {
        return;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    ir_print(block, text);
    log_printf("%s:\n%s\n", title, text->str);
}

void log_host_code(const TcgUnit *unit, uint64_t linear)
{
    if (!unit->code || !log_in_filter(linear)) {
        return;
    }
    FILE *out = log_lock();
    fprintf(out, "OUT: [size=%u]\n", unit->code_size);
#if defined(CONFIG_CAPSTONE) && defined(__x86_64__)
    print_code(out, CS_ARCH_X86, CS_MODE_64, (uintptr_t)unit->code, unit->code, unit->code_size);
#else
    hex_line(out, (uintptr_t)unit->code, unit->code, unit->code_size);
#endif
    fputc('\n', out);
    log_unlock(out);
}

void log_exec(TcgVcpu *v, const TcgUnit *unit, uint64_t linear)
{
    if (!log_in_filter(linear)) {
        return;
    }
    if (log_on(LOG_EXEC)) {
        log_printf("Trace %d: %p [%016" PRIx64 "/%016" PRIx64 "/%08" PRIx64 "/%08x]\n", v->cpu->index,
                   (const void *)(unit->code ? unit->code : (const uint8_t *)unit), v->delta, linear, unit->mode, unit->flags);
    }
    if (log_on(LOG_CPU) && v->cpu->arch->dump_registers) {
        g_autoptr(GString) text = g_string_new(NULL);
        v->cpu->arch->dump_registers(v->cpu, text, log_on(LOG_FPU));
        log_printf("%s", text->str);
    }
}

/* ---- info jit ---- */

typedef struct Totals { uint64_t lookups, nexts, refills, misses, walks, flushes, partial, slow, mmio, singles, runs, code_hits, contexts, leaves[6]; } Totals;

static Totals total(TcgAccel *t)
{
    Totals sum = { 0 };
    for (unsigned i = 0; i < t->vcpus->len; i++) {
        const TcgVcpu *v = t->vcpus->pdata[i];
        sum.lookups += v->lookups;
        sum.refills += v->hot->refills;
        sum.nexts += v->nexts;
        sum.misses += v->misses;
        sum.walks += v->walks;
        sum.flushes += v->flushes;
        sum.partial += v->partial_flushes;
        sum.slow += v->slow_accesses;
        sum.mmio += v->mmio;
        sum.singles += v->singles;
        sum.runs += v->nr_runs;
        sum.code_hits += v->code_hits;
        sum.contexts += v->contexts_made;
        for (unsigned k = 0; k < G_N_ELEMENTS(sum.leaves); k++) {
            sum.leaves[k] += v->leaves[k];
        }
    }
    return sum;
}

static double ratio(uint64_t a, uint64_t b)
{
    return b ? (double)a / (double)b : 0;
}

static int compare_calls(const void *a, const void *b)
{
    uint64_t x = (*(const IrHelper *const *)a)->calls, y = (*(const IrHelper *const *)b)->calls;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* The busiest ones. */
static void describe_helpers(TcgAccel *t, GString *out)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    GHashTableIter iter;
    void *helper;
    g_hash_table_iter_init(&iter, t->helpers);
    while (g_hash_table_iter_next(&iter, &helper, NULL)) {
        g_ptr_array_add(list, helper);
    }
    g_ptr_array_sort(list, compare_calls);
    for (unsigned i = 0; i < MIN(list->len, 20); i++) {
        const IrHelper *h = list->pdata[i];
        if (h->calls) {
            g_string_append_printf(out, "helper %-40s %" PRIu64 "\n", h->name, h->calls);
        }
    }
}

void tcg_info(Accel *accel, GString *out)
{
    TcgAccel *t = (TcgAccel *)accel;
    g_mutex_lock(&t->code_lock);
    Totals sum = total(t);
    uint64_t used = t->stubs.used;
    for (unsigned i = 0; i < SEGMENTS; i++) {
        used += t->segments[i].area.used;
    }
    g_string_append_printf(out, "Accelerator settings:\none-insn-per-tb: %s\n\n", t->one_insn ? "on" : "off");
    g_string_append_printf(out, "Translation buffer state:\ngen code size       %" PRIu64 "/%zu\nTB count            %" PRIu64 "\n", used, t->code_size,
                           t->nr_units);
    g_string_append_printf(out, "TB avg target size  %.0f max=%" PRIu64 " bytes\n", ratio(t->guest_bytes, t->nr_units), t->max_guest_bytes);
    g_string_append_printf(out, "TB avg host size    %.0f bytes (expansion ratio: %.1f)\n", ratio(t->host_bytes, t->nr_units),
                           ratio(t->host_bytes, t->guest_bytes));
    g_string_append_printf(out, "cross page TB count %" PRIu64 " (%.0f%%)\n", t->nr_cross, 100 * ratio(t->nr_cross, t->nr_translated));
    g_string_append_printf(out, "direct jump count   %" PRIu64 " (guarded %" PRIu64 ")\n", t->nr_links + t->nr_cross_links, t->nr_cross_links);
    g_string_append_printf(out, "back end            %s (interpreted instead: %" PRIu64 ")\n\nStatistics:\n", t->backend->name,
                           t->nr_interpreted);
    g_string_append_printf(out, "TB flush count      %" PRIu64 "\nTB invalidate count %" PRIu64 "\nTB translate count  %" PRIu64 "\n",
                           t->nr_evicted_segments, t->nr_invalidated, t->nr_translated);
    g_string_append_printf(out, "TLB full flushes    %" PRIu64 "\nTLB partial flushes %" PRIu64 "\nTLB elided flushes  0\n", sum.flushes, sum.partial);
    g_string_append_printf(out, "TLB misses          %" PRIu64 " (walks %" PRIu64 ")\nTLB refills         %" PRIu64 "\nslow accesses       %" PRIu64 " (devices %" PRIu64 ")\n", sum.misses,
                           sum.walks, sum.refills, sum.slow, sum.mmio);
    g_string_append_printf(out, "code look-ups       %" PRIu64 " (of other modes %" PRIu64 ")\nruns                %" PRIu64 " (alone %" PRIu64 ")\nwrites near code    %" PRIu64 "\n",
                           sum.lookups, sum.nexts, sum.runs, sum.singles, sum.code_hits);
    g_string_append_printf(out, "leaves              goto %" PRIu64 " lookup %" PRIu64 " event %" PRIu64 " kick %" PRIu64 " exception %" PRIu64 " alone %" PRIu64 "\n",
                           sum.leaves[TCG_LEAVE_GOTO], sum.leaves[TCG_LEAVE_LOOKUP], sum.leaves[TCG_LEAVE_EVENT], sum.leaves[TCG_LEAVE_KICK],
                           sum.leaves[TCG_LEAVE_EXCEPTION], sum.leaves[TCG_LEAVE_SINGLE]);
    g_string_append_printf(out, "fetch contexts      %" PRIu64 " (jumps guarded anew %" PRIu64 ")\n", sum.contexts, t->nr_relinked);
    if (t->store) {
        g_string_append_printf(out, "units on disk       loaded %" PRIu64 " stored %" PRIu64 "\n", t->nr_loaded, t->nr_stored);
    }
    describe_helpers(t, out);
    g_mutex_unlock(&t->code_lock);
}
