/*
 * What gdb asks for.
 *
 * GDB manual, appendix E.2 "Packets", E.4 "General Query Packets"; QEMU documentation, "GDB usage" for the queries that begin with qqemu.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/internal.h"

#include "accel/target.h"
#include "hw/core/machine.h"
#include "monitor/commands.h"
#include "monitor/monitor.h"
#include "softmmu/dma.h"
#include "system/runstate.h"

#include <inttypes.h>
#include <string.h>

enum { ERROR_MEMORY = 0x0e, REGISTER_MAX_BYTES = 256, MEMORY_MAX = GDB_PACKET_MAX / 2 - 16 };

typedef struct GdbCommand {
    const char *prefix;
    void (*run)(GdbServer *g, const char *args, size_t len);   /* args: behind the prefix */
} GdbCommand;

/* The first of the table whose prefix fits; false: none. */
static bool dispatch(GdbServer *g, const GdbCommand *table, size_t count, const char *data, size_t len)
{
    for (size_t n = 0; n < count; n++) {
        size_t length = strlen(table[n].prefix);
        if (len >= length && !memcmp(data, table[n].prefix, length)) {
            table[n].run(g, data + length, len - length);
            return true;
        }
    }
    return false;
}

static void ok(GdbServer *g) { gdb_send_text(g, "OK"); }

static Cpu *general_cpu(GdbServer *g)
{
    Cpu *cpu = g->general ? g->general : cpu_first();
    cpu_synchronize(cpu);
    return cpu;
}

/* ---- threads ---- */

/* "-1" all, "0" any, else a CPU. False: bad text or no such CPU. */
static bool parse_thread(const char **text, Cpu **cpu, bool *all)
{
    uint64_t id;
    *all = false;
    *cpu = cpu_first();
    if (gdb_parse_char(text, '-')) {
        *all = true;
        return gdb_parse_char(text, '1');
    }
    if (!gdb_parse_number(text, &id)) {
        return false;
    }
    if (id) {
        *cpu = gdb_cpu_of_thread(id);
    }
    return *cpu != NULL;
}

static void select_thread(GdbServer *g, const char *args, size_t len)
{
    Cpu *cpu;
    bool all;
    char kind = *args ? *args++ : 0;
    if ((kind != 'g' && kind != 'c') || !parse_thread(&args, &cpu, &all)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    if (!all) {
        *(kind == 'g' ? &g->general : &g->control) = cpu;
    }
    ok(g);
}

static void thread_alive(GdbServer *g, const char *args, size_t len)
{
    Cpu *cpu;
    bool all;
    if (parse_thread(&args, &cpu, &all)) {
        ok(g);
    } else {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
    }
}

static void next_thread(GdbServer *g, const char *args, size_t len)
{
    Cpu *cpu = cpu_by_index(g->thread_iteration);
    char text[24];
    if (!cpu) {
        gdb_send_text(g, "l");
        return;
    }
    g_snprintf(text, sizeof(text), "m%02x", gdb_thread_id(cpu));
    do {
        g->thread_iteration++;      /* indexes may have holes */
    } while (!cpu_by_index(g->thread_iteration) && g->thread_iteration < 4096);
    gdb_send_text(g, text);
}

static void first_thread(GdbServer *g, const char *args, size_t len)
{
    g->thread_iteration = 0;
    next_thread(g, args, len);
}

static void thread_info(GdbServer *g, const char *args, size_t len)
{
    Cpu *cpu;
    bool all;
    if (!parse_thread(&args, &cpu, &all) || all) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    g_autofree char *text = g_strdup_printf("CPU#%d [%s]", cpu->index, atomic_load(&cpu->halted) ? "halted " : "running");
    g_autoptr(GString) reply = g_string_new(NULL);
    gdb_append_hex(reply, text, strlen(text));
    gdb_send(g, reply->str, reply->len);
}

static void current_thread(GdbServer *g, const char *args, size_t len)
{
    char text[24];
    g_snprintf(text, sizeof(text), "QC%02x", gdb_thread_id(general_cpu(g)));
    gdb_send_text(g, text);
}

/* ---- registers ---- */

/* All processors of a machine are alike in this. */
static const GdbFeature *features(void)
{
    const TargetArch *arch = target_current();
    Cpu *cpu = cpu_first();
    return arch->gdb_features_of && cpu ? arch->gdb_features_of(cpu) : arch->gdb_features;
}

static int register_count(void)
{
    int count = 0;
    for (const GdbFeature *f = features(); f && f->xml_name; f++) {
        count = MAX(count, f->first + f->count);
    }
    return count;
}

static void read_registers(GdbServer *g, const char *args, size_t len)
{
    Cpu *cpu = general_cpu(g);
    g_autoptr(GString) reply = g_string_new(NULL);
    for (int n = 0, count = register_count(); n < count; n++) {
        uint8_t bytes[REGISTER_MAX_BYTES];
        int size = target_current()->gdb_read(cpu, n, bytes);
        gdb_append_hex(reply, bytes, (size_t)MAX(size, 0));
    }
    gdb_send(g, reply->str, reply->len);
}

static void write_registers(GdbServer *g, const char *args, size_t len)
{
    Cpu *cpu = general_cpu(g);
    g_autofree uint8_t *bytes = g_malloc0(len / 2 + REGISTER_MAX_BYTES);
    size_t left = len / 2;
    if (!gdb_parse_hex(args, bytes, left)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    uint8_t *at = bytes;
    for (int n = 0, count = register_count(); n < count && left; n++) {
        int size = target_current()->gdb_write(cpu, n, at, (int)left);
        if (size <= 0) {
            break;
        }
        at += size;
        left -= MIN(left, (size_t)size);
    }
    ok(g);
}

static void read_register(GdbServer *g, const char *args, size_t len)
{
    uint8_t bytes[REGISTER_MAX_BYTES];
    uint64_t number;
    int size = gdb_parse_number(&args, &number) && number < 65536 ? target_current()->gdb_read(general_cpu(g), (int)number, bytes) : 0;
    if (size <= 0) {
        gdb_send_error(g, ERROR_MEMORY);
        return;
    }
    g_autoptr(GString) reply = g_string_new(NULL);
    gdb_append_hex(reply, bytes, (size_t)size);
    gdb_send(g, reply->str, reply->len);
}

static void write_register(GdbServer *g, const char *args, size_t len)
{
    uint8_t bytes[REGISTER_MAX_BYTES];
    uint64_t number;
    bool good = gdb_parse_number(&args, &number) && gdb_parse_char(&args, '=') && number < 65536;
    size_t size = good ? strlen(args) / 2 : 0;
    if (!size || size > sizeof(bytes) || !gdb_parse_hex(args, bytes, size)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
    } else if (target_current()->gdb_write(general_cpu(g), (int)number, bytes, (int)size) <= 0) {
        gdb_send_error(g, ERROR_MEMORY);
    } else {
        ok(g);
    }
}

/* ---- memory ---- */

static bool access_memory(GdbServer *g, uint64_t addr, void *buf, uint64_t len, bool is_write)
{
    Cpu *cpu = general_cpu(g);
    if (!g->physical) {
        return cpu_debug_rw(cpu, addr, buf, len, is_write);
    }
    return (is_write ? dma_write_rom(cpu->memory, addr, buf, len)
                     : dma_rw(cpu->memory, addr, buf, len, false, (MemAttrs){ .debug = true, .unspecified = true })) == MEM_OK;
}

static bool parse_range(const char **args, uint64_t *addr, uint64_t *len)
{
    return gdb_parse_number(args, addr) && gdb_parse_char(args, ',') && gdb_parse_number(args, len);
}

static void read_memory(GdbServer *g, const char *args, size_t len)
{
    uint64_t addr, size;
    if (!parse_range(&args, &addr, &size)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    size = MIN(size, MEMORY_MAX);
    g_autofree uint8_t *bytes = g_malloc(size + 1);
    g_autoptr(GString) reply = g_string_new(NULL);
    if (!access_memory(g, addr, bytes, size, false)) {
        gdb_send_error(g, ERROR_MEMORY);
        return;
    }
    gdb_append_hex(reply, bytes, size);
    gdb_send(g, reply->str, reply->len);
}

static void write_memory(GdbServer *g, const char *args, size_t len)
{
    uint64_t addr, size;
    g_autofree uint8_t *bytes = g_malloc(len / 2 + 1);
    if (!parse_range(&args, &addr, &size) || !gdb_parse_char(&args, ':') || size > len / 2 || !gdb_parse_hex(args, bytes, size)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
    } else if (!access_memory(g, addr, bytes, size, true)) {
        gdb_send_error(g, ERROR_MEMORY);
    } else {
        ok(g);
    }
}

static void write_memory_binary(GdbServer *g, const char *args, size_t len)
{
    const char *start = args;
    uint64_t addr, size;
    if (!parse_range(&args, &addr, &size) || !gdb_parse_char(&args, ':') || size != len - (size_t)(args - start)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
    } else if (size && !access_memory(g, addr, (void *)args, size, true)) {
        gdb_send_error(g, ERROR_MEMORY);
    } else {
        ok(g);
    }
}

/* ---- breakpoints ---- */

typedef bool ChangeBreakpoint(int kind, uint64_t addr, uint64_t len, bool *supported);

static void change_breakpoint(GdbServer *g, const char *args, ChangeBreakpoint *change)
{
    uint64_t kind, addr, len;
    bool supported = false;
    if (!gdb_parse_number(&args, &kind) || !gdb_parse_char(&args, ',') || !parse_range(&args, &addr, &len)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    bool good = kind <= 4 && change((int)kind, addr, len, &supported);
    if (good) {
        ok(g);
    } else if (supported) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
    } else {
        gdb_send_text(g, "");
    }
}

static void insert_breakpoint(GdbServer *g, const char *args, size_t len) { change_breakpoint(g, args, gdb_breakpoint_insert); }
static void remove_breakpoint(GdbServer *g, const char *args, size_t len) { change_breakpoint(g, args, gdb_breakpoint_remove); }

/* ---- going on ---- */

/* Actions of all CPUs, by index; the caller frees. */
static char *actions_new(int *count, char action)
{
    *count = 0;
    CPU_FOREACH (cpu) {
        *count = MAX(*count, cpu->index + 1);
    }
    char *actions = g_malloc((gsize)*count);
    memset(actions, action, (size_t)*count);
    return actions;
}

static bool may_run(void)
{
    return !run_state_is(RUN_STATE_SHUTDOWN) && !run_state_is(RUN_STATE_GUEST_PANICKED) && !run_state_is(RUN_STATE_INTERNAL_ERROR);
}

static void resume_all(GdbServer *g, const char *args, char action)
{
    int count;
    uint64_t addr;
    if (!may_run()) {
        gdb_send_stop_reply(g, GDB_SIGNAL_TRAP);
        return;
    }
    if (gdb_parse_number(&args, &addr)) {
        Cpu *cpu = g->control ? g->control : cpu_first();
        cpu_synchronize(cpu);
        target_current()->set_pc(cpu, addr);
    }
    /* A step is one of the control thread alone. */
    g_autofree char *actions = actions_new(&count, action == 's' ? 0 : 'c');
    if (action == 's') {
        actions[(g->control ? g->control : cpu_first())->index] = 's';
    }
    gdb_resume(g, actions, count);
}

static void run_continue(GdbServer *g, const char *args, size_t len) { resume_all(g, args, 'c'); }
static void run_step(GdbServer *g, const char *args, size_t len) { resume_all(g, args, 's'); }

/* C and S: a signal, then perhaps ";addr". The signal means nothing to a machine. */
static const char *behind_signal(const char *args)
{
    uint64_t signal;
    gdb_parse_number(&args, &signal);
    gdb_parse_char(&args, ';');
    return args;
}

static void continue_with_signal(GdbServer *g, const char *args, size_t len) { resume_all(g, behind_signal(args), 'c'); }
static void step_with_signal(GdbServer *g, const char *args, size_t len) { resume_all(g, behind_signal(args), 's'); }

/* vCont;action[:thread]...: the leftmost action that names a CPU is its own. */
static bool parse_vcont(const char *args, char *actions, int count)
{
    while (gdb_parse_char(&args, ';')) {
        char action = *args ? *args++ : 0;
        uint64_t signal;
        Cpu *only = NULL;
        bool all = true;
        if ((action == 'C' || action == 'S') && !gdb_parse_number(&args, &signal)) {
            return false;
        }
        action = action == 'C' ? 'c' : action == 'S' ? 's' : action;
        if (action != 'c' && action != 's') {
            return false;
        }
        if (gdb_parse_char(&args, ':') && !parse_thread(&args, &only, &all)) {
            return false;
        }
        for (int n = 0; n < count; n++) {
            if (!actions[n] && (all || (only && only->index == n))) {
                actions[n] = action;
            }
        }
    }
    return !*args;
}

static void vcont(GdbServer *g, const char *args, size_t len)
{
    int count;
    g_autofree char *actions = actions_new(&count, 0);
    if (!parse_vcont(args, actions, count)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
    } else if (!may_run()) {
        gdb_send_stop_reply(g, GDB_SIGNAL_TRAP);
    } else {
        gdb_resume(g, actions, count);
    }
}

static void vcont_query(GdbServer *g, const char *args, size_t len) { gdb_send_text(g, "vCont;c;C;s;S"); }

static void attach(GdbServer *g, const char *args, size_t len) { gdb_send_stop_reply(g, GDB_SIGNAL_TRAP); }

static void why_stopped(GdbServer *g, const char *args, size_t len)
{
    gdb_breakpoints_remove_all();       /* gdb begins anew: it knows of none */
    gdb_send_stop_reply(g, GDB_SIGNAL_TRAP);
}

static void detach(GdbServer *g, const char *args, size_t len)
{
    gdb_breakpoints_remove_all();
    ok(g);
    g->attached = g->awaiting_stop = false;
    if (may_run()) {
        vm_start();
    }
}

static void kill_machine(GdbServer *g, const char *args, size_t len) { command_quit(); }

static void kill_with_reply(GdbServer *g, const char *args, size_t len)
{
    ok(g);
    command_quit();
}

static void extended_mode(GdbServer *g, const char *args, size_t len) { ok(g); }

/* ---- queries ---- */

static void query_supported(GdbServer *g, const char *args, size_t len)
{
    g_autofree char *text = g_strdup_printf("PacketSize=%x;QStartNoAckMode+;vContSupported+%s", GDB_PACKET_MAX,
                                            target_current()->gdb_features ? ";qXfer:features:read+" : "");
    gdb_send_text(g, text);
}

static char *target_description(void)
{
    const TargetArch *arch = target_current();
    GString *xml = g_string_new("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>");
    if (arch->gdb_arch) {
        g_string_append_printf(xml, "<architecture>%s</architecture>", arch->gdb_arch);
    }
    for (const GdbFeature *f = features(); f->xml_name; f++) {
        g_string_append_printf(xml, "<xi:include href=\"%s\"/>", f->xml_name);
    }
    g_string_append(xml, "</target>");
    return g_string_free(xml, FALSE);
}

static char *description_file(const char *name)
{
    if (!strcmp(name, "target.xml")) {
        return target_description();
    }
    for (const GdbFeature *f = features(); f->xml_name; f++) {
        if (!strcmp(f->xml_name, name)) {
            return g_strdup(f->xml);
        }
    }
    return NULL;
}

static void read_features(GdbServer *g, const char *args, size_t len)
{
    const char *colon = strchr(args, ':'), *at = colon ? colon + 1 : args;
    uint64_t offset, size;
    if (!colon || !target_current()->gdb_features || !parse_range(&at, &offset, &size)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    g_autofree char *name = g_strndup(args, (gsize)(colon - args)), *text = description_file(name);
    if (!text) {
        gdb_send_text(g, "E00");
        return;
    }
    size_t length = strlen(text);
    offset = MIN(offset, length);
    size = MIN(MIN(size, MEMORY_MAX), length - offset);
    g_autoptr(GString) reply = g_string_new(offset + size < length ? "m" : "l");
    g_string_append_len(reply, text + offset, (gssize)size);
    gdb_send(g, reply->str, reply->len);
}

/* A command of the human monitor: what it prints goes out as console text. */
static void monitor_command(GdbServer *g, const char *args, size_t len)
{
    size_t length = len / 2;
    g_autofree char *line = g_malloc0(length + 1);
    if (!gdb_parse_hex(args, line, length)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    g_autofree char *text = monitor_hmp_command(line, general_cpu(g)->index);
    for (size_t at = 0, total = strlen(text); at < total; at += MEMORY_MAX) {
        g_autoptr(GString) reply = g_string_new("O");
        gdb_append_hex(reply, text + at, MIN(total - at, MEMORY_MAX));
        gdb_send(g, reply->str, reply->len);
    }
    ok(g);
}

static void query_step_bits(GdbServer *g, const char *args, size_t len)
{
    g_autofree char *text = g_strdup_printf("ENABLE=%x,NOIRQ=%x,NOTIMER=%x", SSTEP_ENABLE, SSTEP_NOIRQ, SSTEP_NOTIMER);
    gdb_send_text(g, text);
}

static void query_step(GdbServer *g, const char *args, size_t len)
{
    char text[16];
    g_snprintf(text, sizeof(text), "0x%x", g->step_flags);
    gdb_send_text(g, text);
}

static void set_step(GdbServer *g, const char *args, size_t len)
{
    uint64_t flags;
    if (!strncmp(args, "0x", 2)) {
        args += 2;
    }
    if (!gdb_parse_number(&args, &flags) || (flags & ~(uint64_t)(SSTEP_ENABLE | SSTEP_NOIRQ | SSTEP_NOTIMER))) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    g->step_flags = (int)flags;
    ok(g);
}

static void query_physical(GdbServer *g, const char *args, size_t len) { gdb_send_text(g, g->physical ? "1" : "0"); }

static void set_physical(GdbServer *g, const char *args, size_t len)
{
    g->physical = *args != '0';
    ok(g);
}

static void start_no_ack(GdbServer *g, const char *args, size_t len)
{
    ok(g);
    g->no_ack = true;
}

static void file_reply(GdbServer *g, const char *args, size_t len) { gdb_file_io_reply(g, args); }
static void query_attached(GdbServer *g, const char *args, size_t len) { gdb_send_text(g, "1"); }
static void answer_ok(GdbServer *g, const char *args, size_t len) { ok(g); }

/* Longer prefixes before shorter ones. */
static const GdbCommand commands[] = {
    { "qSupported", query_supported }, { "qXfer:features:read:", read_features }, { "qRcmd,", monitor_command }, { "qfThreadInfo", first_thread },
    { "qsThreadInfo", next_thread }, { "qThreadExtraInfo,", thread_info }, { "qAttached", query_attached }, { "qSymbol:", answer_ok },
    { "qqemu.sstepbits", query_step_bits }, { "qqemu.sstep", query_step }, { "Qqemu.sstep=", set_step }, { "qqemu.PhyMemMode", query_physical },
    { "Qqemu.PhyMemMode:", set_physical }, { "QStartNoAckMode", start_no_ack }, { "vCont?", vcont_query }, { "vCont", vcont }, { "vAttach;", attach },
    { "vKill;", kill_with_reply }, { "?", why_stopped }, { "!", extended_mode }, { "c", run_continue }, { "C", continue_with_signal }, { "s", run_step },
    { "S", step_with_signal }, { "D", detach }, { "F", file_reply }, { "k", kill_machine }, { "g", read_registers }, { "G", write_registers }, { "p", read_register },
    { "P", write_register }, { "m", read_memory }, { "M", write_memory }, { "X", write_memory_binary }, { "H", select_thread }, { "T", thread_alive },
    { "Z", insert_breakpoint }, { "z", remove_breakpoint },
};

void gdb_command(GdbServer *g, const char *data, size_t len)
{
    if (len == 2 && !memcmp(data, "qC", 2)) {
        current_thread(g, data + 2, 0);
    } else if (!dispatch(g, commands, G_N_ELEMENTS(commands), data, len)) {
        gdb_send_text(g, "");       /* not supported */
    }
}
