/*
 * Capstone by dlopen: its tables would cost every process three megabytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/disassemble.h"
#include "ostrich-config.h"

#ifdef CONFIG_CAPSTONE
#include <capstone/capstone.h>
#include <dlfcn.h>

#define CAPSTONE_LIBRARY "libcapstone.so." G_STRINGIFY(CS_API_MAJOR)

typedef struct Capstone {
    cs_err (*open)(cs_arch arch, cs_mode mode, csh *handle);
    cs_err (*close)(csh *handle);
    cs_err (*option)(csh handle, cs_opt_type type, size_t value);
    size_t (*disasm)(csh handle, const uint8_t *code, size_t code_size, uint64_t address, size_t count, cs_insn **insn);
    void (*free)(cs_insn *insn, size_t count);
} Capstone;

static const Capstone *load(void)
{
    static Capstone loaded;
    static gsize once;
    static bool there;
    if (g_once_init_enter(&once)) {
        void *library = dlopen(CAPSTONE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
        const struct { const char *name; void **place; } functions[] = {
            { "cs_open", (void **)&loaded.open }, { "cs_close", (void **)&loaded.close }, { "cs_option", (void **)&loaded.option },
            { "cs_disasm", (void **)&loaded.disasm }, { "cs_free", (void **)&loaded.free },
        };
        there = library != NULL;
        for (unsigned i = 0; there && i < G_N_ELEMENTS(functions); i++) {
            *functions[i].place = dlsym(library, functions[i].name);
            there = *functions[i].place != NULL;
        }
        g_once_init_leave(&once, 1);
    }
    return there ? &loaded : NULL;
}

bool disassemble(int arch, int mode, uint64_t address, const uint8_t *bytes, size_t size, unsigned max_insns,
                 void (*fn)(const DisassembledInsn *insn, void *opaque), void *opaque)
{
    const Capstone *capstone = load();
    csh handle;
    cs_insn *insns;
    if (!capstone || capstone->open((cs_arch)arch, (cs_mode)mode, &handle) != CS_ERR_OK) {
        return false;
    }
    capstone->option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
    if (arch == CS_ARCH_X86) {
        capstone->option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    }
    size_t count = capstone->disasm(handle, bytes, size, address, max_insns, &insns);
    for (size_t i = 0; i < count; i++) {
        fn(&(DisassembledInsn){ insns[i].address, insns[i].size, insns[i].bytes, insns[i].mnemonic, insns[i].op_str }, opaque);
    }
    if (count) {
        capstone->free(insns, count);
    }
    capstone->close(&handle);
    return count > 0;
}
#else
bool disassemble(int arch, int mode, uint64_t address, const uint8_t *bytes, size_t size, unsigned max_insns,
                 void (*fn)(const DisassembledInsn *insn, void *opaque), void *opaque)
{
    return false;
}
#endif
