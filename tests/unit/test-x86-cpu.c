/*
 * x86 CPUs as objects: their types, -cpu's syntax and messages, the help text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu-features.h"
#include "target/i386/cpu-models.h"
#include "util/error.h"
#include "util/main-loop.h"

static X86Cpu *make(const char *text)
{
    GError *err = NULL;
    Cpu *cpu = x86_new_cpu(&x86_64_target, text, &err);
    g_assert_no_error(err);
    g_assert_nonnull(cpu);
    return X86_CPU(cpu);
}

static void expect_error(const char *text, const char *message)
{
    g_autoptr(GError) err = NULL;
    g_assert_null(x86_new_cpu(&x86_64_target, text, &err));
    g_assert_cmpstr(err->message, ==, message);
}

static void test_options(void)
{
    X86Cpu *cpu = make("qemu64,-cx16,+avx,avx2=on,sse4_1,level=7,phys_bits=42,vendor=GenuineIntel,family=6,model=62");
    g_assert_false(x86_has(cpu, FEAT_1_ECX, 13));
    g_assert_true(x86_has(cpu, FEAT_1_ECX, 28));
    g_assert_true(x86_has(cpu, FEAT_7_0_EBX, 5));
    g_assert_true(x86_has(cpu, FEAT_1_ECX, 19));
    g_assert_cmpuint(cpu->want_level, ==, 7);
    g_assert_cmpuint(cpu->phys_bits, ==, 42);
    g_assert_cmpstr(cpu->vendor, ==, "GenuineIntel");
    g_assert_cmphex(cpu->cpuid_version, ==, 0x306e1);
    object_unref(OBJECT(cpu));
    /* minus wins, wherever it stands */
    cpu = make("Haswell,-avx,avx=on,+avx");
    g_assert_false(x86_has(cpu, FEAT_1_ECX, 28));
    object_unref(OBJECT(cpu));
    cpu = make("qemu64,tsc-freq=2.5G");
    g_assert_cmpint(cpu->tsc_frequency, ==, INT64_C(2500000000));
    object_unref(OBJECT(cpu));
}

static void test_errors(void)
{
    expect_error("foo", "unable to find CPU model 'foo'");
    expect_error("qemu64,foo=on", "can't apply global qemu64-x86_64-cpu.foo=on: Property 'qemu64-x86_64-cpu.foo' not found");
    expect_error("qemu64,foo", "can't apply global qemu64-x86_64-cpu.foo=on: Property 'qemu64-x86_64-cpu.foo' not found");
    expect_error("qemu64,+foo", "Property 'qemu64-x86_64-cpu.foo' not found");
    expect_error("qemu64,avx=maybe", "can't apply global qemu64-x86_64-cpu.avx=maybe: Parameter 'avx' expects 'on' or 'off'");
    expect_error("qemu64,vendor=abc", "can't apply global qemu64-x86_64-cpu.vendor=abc: Property '.vendor' doesn't take value 'abc'");
    expect_error("qemu64,family=999",
                 "can't apply global qemu64-x86_64-cpu.family=999: Property .family doesn't take value 999 (minimum: 0, maximum: 270)");
}

static void test_physical_bits(void)
{
    g_autoptr(GError) err = NULL;
    X86Cpu *cpu = make("qemu64,phys-bits=60");
    g_assert_false(x86_settle_model(cpu, &err));
    g_assert_cmpstr(err->message, ==, "phys-bits should be between 32 and 52  (but is 60)");
    object_unref(OBJECT(cpu));
    g_clear_error(&err);
    cpu = make("athlon,phys-bits=41");
    g_assert_false(x86_settle_model(cpu, &err));
    g_assert_cmpstr(err->message, ==, "phys-bits is not user-configurable in 32 bit");
    object_unref(OBJECT(cpu));
}

static void test_versions(void)
{
    X86Cpu *cpu = make("Haswell-noTSX-IBRS");
    g_assert_false(x86_feature_is_on(cpu->features, "hle"));
    g_assert_true(x86_feature_is_on(cpu->features, "spec-ctrl"));
    g_assert_cmpstr(cpu->model_id, ==, "Intel Core Processor (Haswell, no TSX, IBRS)");
    object_unref(OBJECT(cpu));
    cpu = make("Haswell");
    g_assert_true(x86_feature_is_on(cpu->features, "hle"));
    g_autoptr(GError) err = NULL;
    GVariant *family = object_get(OBJECT(cpu), "family", &err);
    g_assert_no_error(err);
    g_assert_cmpint(g_variant_get_int64(family), ==, 6);
    g_variant_unref(family);
    object_unref(OBJECT(cpu));
}

static void test_i386(void)
{
    GError *err = NULL;
    Cpu *cpu = x86_new_cpu(&i386_target, "qemu32", &err);
    g_assert_no_error(err);
    g_assert_cmpstr(OBJECT(cpu)->type->name, ==, "qemu32-i386-cpu");
    object_unref(OBJECT(cpu));
}

static void test_help(void)
{
    g_autoptr(GString) text = g_string_new("");
    x86_list_cpus(text);
    g_assert_nonnull(strstr(text->str, "Available CPUs:\n  486                   (alias configured by machine type)\n  486-v1                \n"));
    g_assert_nonnull(strstr(text->str, "  Haswell-noTSX         (alias of Haswell-v2)\n"));
    g_assert_nonnull(strstr(text->str, "  qemu64-v1             QEMU Virtual CPU version 2.5+\n  base  "));
    g_assert_nonnull(strstr(text->str, "\nRecognized CPUID flags:\n  3dnow 3dnowext 3dnowprefetch abm ace2 ace2-en acpi adx aes amd-no-ssb\n"));
}

/* A CPU without a machine comes to life with the registers of reset. */
static void test_reset(void)
{
    X86Cpu *cpu = make("qemu64");
    GError *err = NULL;
    g_assert_true(device_realize(DEVICE(cpu), NULL, &err));
    g_assert_no_error(err);
    g_autoptr(GString) text = g_string_new("");
    x86_64_target.dump_registers(&cpu->parent, text, false);
    g_assert_true(g_str_has_prefix(text->str, "EAX=00000000 EBX=00000000 ECX=00000000 EDX=00060fb1\n"
                                   "ESI=00000000 EDI=00000000 EBP=00000000 ESP=00000000\n"
                                   "EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0\n"
                                   "ES =0000 00000000 0000ffff 00009300\n"
                                   "CS =f000 ffff0000 0000ffff 00009b00\n"));
    g_assert_nonnull(strstr(text->str, "LDT=0000 00000000 0000ffff 00008200\nTR =0000 00000000 0000ffff 00008b00\n"
                            "GDT=     00000000 0000ffff\nIDT=     00000000 0000ffff\nCR0=60000010 CR2=00000000 CR3=00000000 CR4=00000000\n"));
    g_assert_cmphex(x86_64_target.get_pc(&cpu->parent), ==, 0xfffffff0);
}

static void test_gdb(void)
{
    X86Cpu *cpu = make("qemu64");
    uint8_t buf[16], in[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    g_assert_cmpint(x86_64_target.gdb_write(&cpu->parent, 1, in, 8), ==, 8);    /* rbx */
    g_assert_cmphex(cpu->regs[R_EBX], ==, UINT64_C(0x0807060504030201));
    g_assert_cmpint(x86_64_target.gdb_read(&cpu->parent, 1, buf), ==, 8);
    g_assert_cmpmem(buf, 8, in, 8);
    int total = 0;
    for (const GdbFeature *f = x86_64_target.gdb_features; f->xml_name; f++) {
        g_assert_cmpint(f->first, ==, total);
        g_assert_nonnull(strstr(f->xml, "<feature name=\"org."));
        total += f->count;
    }
    g_assert_cmpint(x86_64_target.gdb_read(&cpu->parent, total - 1, buf), ==, 8);
    g_assert_cmpint(x86_64_target.gdb_read(&cpu->parent, total, buf), ==, 0);
    object_unref(OBJECT(cpu));
}

static void test_queries(void)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GVariant) list = g_variant_ref_sink(x86_64_target.cpu_definitions(&x86_64_target));
    g_assert_cmpuint(g_variant_n_children(list), >, 100);
    g_autoptr(GVariant) model = g_variant_ref_sink(x86_64_target.expand_cpu_model(&x86_64_target, false, "Penryn", NULL, &err));
    g_assert_no_error(err);
    const char *name;
    g_autoptr(GVariant) props = g_variant_lookup_value(model, "props", G_VARIANT_TYPE_VARDICT);
    gboolean on;
    g_assert_true(g_variant_lookup(model, "name", "&s", &name));
    g_assert_cmpstr(name, ==, "base");
    g_assert_true(g_variant_lookup(props, "ssse3", "b", &on) && on);
    g_assert_true(g_variant_lookup(props, "avx", "b", &on) && !on);
    g_assert_true(g_variant_lookup(props, "vendor", "&s", &name));
    g_assert_cmpstr(name, ==, "GenuineIntel");
    g_autoptr(GVariant) all = g_variant_ref_sink(x86_64_target.expand_cpu_model(&x86_64_target, true, "Penryn", NULL, &err));
    g_assert_no_error(err);
    g_autoptr(GVariant) all_props = g_variant_lookup_value(all, "props", G_VARIANT_TYPE_VARDICT);
    guint64 level;
    g_assert_true(g_variant_lookup(all_props, "level", "t", &level));
    g_assert_cmpuint(level, ==, 10);
    g_assert_null(x86_64_target.expand_cpu_model(&x86_64_target, true, "nope", NULL, &err));
    g_assert_cmpstr(err->message, ==, "CPU model 'nope' not found");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    target_set_current(&x86_64_target);
    g_test_add_func("/x86-cpu/options", test_options);
    g_test_add_func("/x86-cpu/errors are the reference's", test_errors);
    g_test_add_func("/x86-cpu/physical address bits", test_physical_bits);
    g_test_add_func("/x86-cpu/versions and aliases", test_versions);
    g_test_add_func("/x86-cpu/i386 types", test_i386);
    g_test_add_func("/x86-cpu/help", test_help);
    g_test_add_func("/x86-cpu/registers at reset", test_reset);
    g_test_add_func("/x86-cpu/gdb registers", test_gdb);
    g_test_add_func("/x86-cpu/QMP queries", test_queries);
    return g_test_run();
}
