/* The rows of accelerator selection, and vCPU threads on an accelerator that only counts. SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/accel.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <string.h>
#include <unistd.h>

/* ---- the resolver ---- */

typedef struct Row { const char *program, *machine_accel, *options[4], *expected; } Row;

/* expected: NAME[,PROPERTIES][/PREFIX] ... or !ERROR */
static const Row rows[] = {
    { "qemu-system-x86_64", NULL, { NULL }, "tcg " },
    { "/usr/bin/qemu-system-x86_64", "kvm", { NULL }, "kvm " },
    { "q", NULL, { "kvm" }, "kvm/-accel kvm " },
    { "q", NULL, { "kvm", "tcg" }, "kvm/-accel kvm tcg/-accel tcg " },
    { "q", "kvm:tcg", { NULL }, "kvm tcg " },
    { "q", "tcg:kvm", { NULL }, "tcg kvm " },
    { "kvm", NULL, { NULL }, "kvm? tcg " },
    { "qemu-kvm", NULL, { NULL }, "kvm? tcg " },
    { "/usr/bin/foo-kvm", NULL, { NULL }, "kvm? tcg " },
    { "kvm-foo", NULL, { NULL }, "tcg " },
    { "kvm", NULL, { "tcg" }, "tcg/-accel tcg " },
    { "kvm", "tcg", { NULL }, "tcg " },
    { "kvm", "kvm", { NULL }, "kvm " },
    { "q", "", { NULL }, "!no accelerator found" },
    { "q", "help", { NULL }, "help " },
    { "q", NULL, { "kvm:tcg" }, "kvm:tcg/-accel kvm:tcg " },
    { "q", NULL, { "tcg,thread=foo" }, "tcg,thread=foo/-accel tcg,thread=foo " },
    { "q", "kvm", { "tcg" }, "!The -accel and \"-machine accel=\" options are incompatible" },
    { "q", "kvm", { "kvm" }, "!The -accel and \"-machine accel=\" options are incompatible" },
};

static void test_rows(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        g_autoptr(GError) err = NULL;
        g_autoptr(GString) got = g_string_new(NULL);
        AccelRequest request = { row->program, row->machine_accel, row->options };
        GPtrArray *list = accel_resolve(&request, &err);
        for (unsigned c = 0; list && c < list->len; c++) {
            const AccelCandidate *candidate = list->pdata[c];
            g_string_append_printf(got, "%s%s%s%s%s%s ", candidate->name, candidate->implied ? "?" : "", candidate->properties ? "," : "",
                                   candidate->properties ? candidate->properties : "", candidate->prefix ? "/" : "",
                                   candidate->prefix ? candidate->prefix : "");
        }
        if (!list) {
            g_string_printf(got, "!%s", err->message);
        } else {
            g_ptr_array_unref(list);
        }
        g_assert_cmpstr(got->str, ==, row->expected);
    }
    g_assert_true(accel_option_is_help("help"));
    g_assert_true(accel_option_is_help(""));
    g_assert_true(accel_option_is_help("thread=multi"));
    g_assert_false(accel_option_is_help("kvm,help"));
}

/* ---- starting ---- */

typedef struct CountAccel { Accel parent; bool broken; } CountAccel;
static int runs, kicks;

static bool count_start(Accel *accel, GError **err)
{
    if (((CountAccel *)accel)->broken) {
        error_set(err, "first line\nsecond line");
        error_set_hint(err, "mend it");
        return false;
    }
    return true;
}
static bool count_supports(const TargetArch *arch) { return !arch; }
static VcpuExit count_run(Cpu *cpu)
{
    runs++;
    machine_unlock();
    usleep(100);
    machine_lock();
    return VCPU_EXIT_AGAIN;
}
static void count_kick(Cpu *cpu) { __atomic_add_fetch(&kicks, 1, __ATOMIC_RELAXED); }
static const Property count_properties[] = { PROP_BOOL("broken", CountAccel, broken, false) };
static const AccelType count_accel = {
    .name = "count-accel", .parent = "accel", .size = sizeof(CountAccel), .accel_name = "count", .start = count_start,
    .supports = count_supports, .vcpu_run = count_run, .vcpu_kick = count_kick, .thread_per_vcpu = true, .properties = PROPERTIES(count_properties),
};
REGISTER_TYPE(count_accel)

static GString *said;
static void say(const char *line)
{
    g_string_append_printf(said, "%s|", line);
}

static void try_list(const char *const *options, const char *machine_accel, const TargetArch *arch, const char *messages, const char *error)
{
    g_autoptr(GError) err = NULL;
    g_string_truncate(said, 0);
    AccelRequest request = { "q", machine_accel, options };
    g_autoptr(GPtrArray) list = accel_resolve(&request, NULL);
    bool ok = accel_init_first(list, arch, NULL, NULL, say, &err);
    g_assert_cmpstr(said->str, ==, messages);
    if (error) {
        g_assert_false(ok);
        g_assert_cmpstr(err->message, ==, error);
    } else {
        g_assert_true(ok);
        g_assert_true(accel_is("count"));
    }
    accel_set_current(NULL);
}

static void test_starting(void)
{
    static const TargetArch foreign = { .name = "foreign" };
    try_list((const char *[]){ "count", NULL }, NULL, NULL, "", NULL);
    try_list((const char *[]){ "foo", NULL }, NULL, NULL, "", "-accel foo: invalid accelerator foo");
    try_list(NULL, "foo", NULL, "", "invalid accelerator foo");
    try_list((const char *[]){ "foo", "count", NULL }, NULL, NULL, "-accel foo: invalid accelerator foo|falling back to count|", NULL);
    try_list(NULL, "foo:count", NULL, "invalid accelerator foo|falling back to count|", NULL);
    try_list((const char *[]){ "count,broken=on", NULL }, NULL, NULL, "",
             "-accel count,broken=on: first line\n-accel count,broken=on: second line");
    try_list((const char *[]){ "count,broken=on", "count", NULL }, NULL, NULL,
             "-accel count,broken=on: first line|-accel count,broken=on: second line|hint: mend it|falling back to count|", NULL);
    try_list((const char *[]){ "count,foo=1", "count", NULL }, NULL, NULL, "", "-accel count,foo=1: Property 'count-accel.foo' not found");
    try_list(NULL, "count", &foreign, "", "invalid accelerator count");
    try_list((const char *[]){ "qtest", NULL }, NULL, NULL, "", "-accel qtest: invalid accelerator qtest");
    accel_allow_qtest(true);
    g_assert_nonnull(accel_find("qtest"));
    accel_allow_qtest(false);
}

/* ---- threads ---- */

static const DeviceType test_cpu = { .name = "test-cpu", .parent = "cpu", .size = sizeof(Cpu) };
REGISTER_DEVICE(test_cpu)

static void note_thread(Cpu *cpu, void *opaque)
{
    g_assert_true(cpu_current() == cpu);
    g_assert_true(machine_lock_held());
    *(GThread **)opaque = g_thread_self();
}

static void exclusive_work(Cpu *cpu, void *opaque)
{
    CPU_FOREACH(other) {
        g_assert_false(other->running);
    }
    *(bool *)opaque = true;
}

static void wait_for_runs(int more)
{
    int target = runs + more;
    while (runs < target) {
        machine_unlock();
        usleep(100);
        machine_lock();
    }
}

static void run_two(bool single)
{
    Accel *accel = (Accel *)object_new_named("count-accel");
    accel->single_thread = single;
    accel_set_current(accel);
    Cpu *a = CPU(device_new("test-cpu")), *b = CPU(device_new("test-cpu"));
    g_assert_true(device_realize(&a->parent, NULL, NULL) && device_realize(&b->parent, NULL, NULL));
    g_assert_cmpint(cpu_count(), ==, 2);
    g_assert_cmpint(b->index, ==, 1);
    int before = runs;
    GThread *thread_a = NULL, *thread_b = NULL;
    cpu_run_on(a, note_thread, &thread_a);
    cpu_run_on(b, note_thread, &thread_b);
    g_assert_true(thread_a == a->thread && (thread_a == thread_b) == single);
    g_assert_cmpint(runs, ==, before);      /* they stand still */
    atomic_store(&b->halted, false);
    cpus_resume();
    wait_for_runs(5);
    bool exclusive_done = false;
    cpu_run_exclusive_async(a, exclusive_work, &exclusive_done);
    while (!exclusive_done) {
        wait_for_runs(0);
        machine_unlock();
        usleep(100);
        machine_lock();
    }
    cpus_pause();
    g_assert_true(a->stopped && b->stopped && !cpus_running());
    before = runs;
    cpu_run_on(a, note_thread, &thread_a);
    g_assert_cmpint(runs, ==, before);
    atomic_store(&a->halted, true);
    atomic_store(&b->halted, true);
    cpus_resume();
    cpu_run_on(a, note_thread, &thread_a);
    cpus_pause();
    g_assert_cmpint(runs, ==, before);      /* halted: nothing to run */
    device_unplug(&a->parent);
    device_unplug(&b->parent);
    g_assert_cmpint(cpu_count(), ==, 0);
    accel_set_current(NULL);
}

static void test_a_thread_each(void)
{
    run_two(false);
}

static void test_one_thread_for_all(void)
{
    run_two(true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    said = g_string_new(NULL);
    main_loop_init();
    g_test_add_func("/accel/rows of the resolver", test_rows);
    g_test_add_func("/accel/the first that works", test_starting);
    g_test_add_func("/cpu/a thread each", test_a_thread_each);
    g_test_add_func("/cpu/one thread for all", test_one_thread_for_all);
    return g_test_run();
}
