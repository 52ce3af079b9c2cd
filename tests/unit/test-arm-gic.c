/* The Arm interrupt controllers, register by register, without processors: the test plays them. SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/intc/arm_gic.h"
#include "hw/intc/arm_gicv3.h"
#include "hw/intc/arm_gicv3_its.h"
#include "riscv-fixture.h"

#include <string.h>

#define RAM UINT64_C(0x40000000)
#define GICD UINT64_C(0x8000000)
#define GICC UINT64_C(0x8010000)
#define V2M UINT64_C(0x8020000)
#define GICH UINT64_C(0x8030000)
#define GICV UINT64_C(0x8040000)
#define SECURE_GICD UINT64_C(0x9000000)
#define SECURE_GICC UINT64_C(0x9010000)
#define V3 UINT64_C(0xa000000)
#define V3_ITS UINT64_C(0xa080000)
#define V3_GICR UINT64_C(0xa0a0000)
#define V3S UINT64_C(0xb000000)
#define V3S_GICR UINT64_C(0xb0a0000)
enum { CPUS = 4, SPIS = 96, IGROUPR = 0x80, ISENABLER = 0x100, ICENABLER = 0x180, ISPENDR = 0x200, ICPENDR = 0x280, ISACTIVER = 0x300, IPRIORITYR = 0x400, ITARGETSR = 0x800, ICFGR = 0xc00,
       SGIR = 0xf00, CTLR = 0, PMR = 4, BPR = 8, IAR = 0xc, EOIR = 0x10, RPR = 0x14, HPPIR = 0x18, GICC_DIR = 0x1000, IROUTER = 0x6000, SGI_FRAME = 0x10000, GICR_SIZE = 0x20000 };

/* ---- processors ---- */

static const DeviceType fake_processor = { .name = "fake-processor", .parent = "device", .size = sizeof(Cpu) };
REGISTER_DEVICE(fake_processor)
typedef struct Processor { Cpu *cpu; bool line[ARM_IRQ_LINES], maintenance; Irq *maintenance_line; ArmGicView view; const ArmGicOps *ops; void *opaque; } Processor;
static Processor processors[3][CPUS];           /* of the three controllers */

static Processor *processor_of(const Cpu *cpu)
{
    for (unsigned n = 0; n < 3 * CPUS; n++) {
        if (processors[n / CPUS][n % CPUS].cpu == cpu) {
            return &processors[n / CPUS][n % CPUS];
        }
    }
    g_assert_not_reached();
}

ArmCpuInfo arm_cpu_info(const Cpu *cpu) { return (ArmCpuInfo){ .gic_list_registers = 4, .gic_vpriority_bits = 5, .gic_vprebits = 5, .gic_priority_bits = 5 }; }
uint64_t arm_cpu_affinity(const Cpu *cpu) { return (uint64_t)(cpu->index / 2) << 8 | (uint64_t)(cpu->index % 2); }
ArmGicView arm_cpu_gic_view(const Cpu *cpu) { return processor_of(cpu)->view; }

void arm_cpu_set_gic(Cpu *cpu, const ArmGicOps *ops, void *opaque)
{
    processor_of(cpu)->ops = ops;
    processor_of(cpu)->opaque = opaque;
}

static void set_line(void *opaque, int n, int level) { ((Processor *)opaque)->line[n] = level; }
static void set_maintenance(void *opaque, int n, int level) { ((Processor *)opaque)->maintenance = level; }

static void make_processors(unsigned set)
{
    for (int n = 0; n < CPUS; n++) {
        Processor *p = &processors[set][n];
        Device *dev = device_new("fake-processor");
        p->cpu = (Cpu *)dev;
        p->cpu->index = n;
        p->view = (ArmGicView){ .el = 1, .aarch64 = true, .scr_el3 = 1 };
        device_add_irq_inputs(dev, NULL, set_line, p, ARM_IRQ_LINES);
        device_add_irq_outputs(dev, "gicv3-maintenance-interrupt", &p->maintenance_line, 1);
        device_connect_irq(dev, "gicv3-maintenance-interrupt", 0, irq_new(set_maintenance, p, 0));
    }
}

/* ---- the board ---- */

static Device *v2, *v2_secure, *v3, *v3_secure;
static MemoryRegion ram;

static void make_v2(void)
{
    GError *err = NULL;
    ArmGicConfig config = { .num_cpu = CPUS, .num_irq = SPIS + 32, .revision = 2, .has_virtualization_extensions = true };
    v2 = arm_gic_create(&config, &err);
    uint64_t at[] = { GICD, GICC, GICH, GICV };
    for (int n = 0; n < 4; n++) {
        sysbus_map((SysBusDevice *)v2, n, &board.memory, at[n], 0);
    }
    for (unsigned n = 0; n < CPUS; n++) {
        arm_gic_connect_cpu(v2, n, processors[0][n].cpu);
        sysbus_connect_irq((SysBusDevice *)v2, (int)(4 * CPUS + n), irq_new(set_maintenance, &processors[0][n], 0));
    }
    arm_gicv2m_create(&board.memory, V2M, v2, 16, 32, &err);
    config.has_virtualization_extensions = false;
    config.has_security_extensions = true;
    v2_secure = arm_gic_create(&config, &err);
    sysbus_map((SysBusDevice *)v2_secure, 0, &board.memory, SECURE_GICD, 0);
    sysbus_map((SysBusDevice *)v2_secure, 1, &board.memory, SECURE_GICC, 0);
    for (int n = 0; n < 2 * CPUS; n++) {
        sysbus_connect_irq((SysBusDevice *)v2_secure, n, &lines[n]);
    }
    g_assert_no_error(err);
}

static void make_v3(void)
{
    GError *err = NULL;
    static const uint32_t one[] = { CPUS }, two[] = { 1, 3 };
    ArmGicv3Config config = { .num_cpu = CPUS, .num_irq = SPIS + 32, .revision = 3, .has_lpi = true, .sysmem = &board.memory, .num_redist_regions = 1, .redist_region_count = one };
    v3 = arm_gicv3_create(&config, &err);
    g_assert_no_error(err);
    sysbus_map((SysBusDevice *)v3, 0, &board.memory, V3, 0);
    sysbus_map((SysBusDevice *)v3, 1, &board.memory, V3_GICR, 0);
    arm_gicv3_its_create(&board.memory, V3_ITS, v3, &err);
    config.has_security_extensions = true;
    config.num_redist_regions = 2;
    config.redist_region_count = two;
    v3_secure = arm_gicv3_create(&config, &err);
    g_assert_no_error(err);
    sysbus_map((SysBusDevice *)v3_secure, 0, &board.memory, V3S, 0);
    sysbus_map((SysBusDevice *)v3_secure, 1, &board.memory, V3S_GICR, 0);
    sysbus_map((SysBusDevice *)v3_secure, 2, &board.memory, V3S_GICR + GICR_SIZE, 0);
    for (unsigned n = 0; n < CPUS; n++) {
        arm_gicv3_connect_cpu(v3, n, processors[1][n].cpu);
        arm_gicv3_connect_cpu(v3_secure, n, processors[2][n].cpu);
    }
}

static void build(void)
{
    GError *err = NULL;
    board_build();
    memory_region_init_ram(&ram, NULL, "ram", 4 * MiB, &err);
    g_assert_no_error(err);
    memory_region_add_subregion(&board.memory, RAM, &ram);
    for (unsigned set = 0; set < 3; set++) {
        make_processors(set);
    }
    make_v2();
    make_v3();
}

static void as_cpu(unsigned n) { cpu_set_current(processors[0][n].cpu); }
static void store_secure(uint64_t addr, uint32_t value) { address_space_store(&board.memory_space, addr, value, 4, (MemAttrs){ .secure = true }); }
static uint32_t load_secure(uint64_t addr)
{
    uint64_t value = 0;
    address_space_load(&board.memory_space, addr, &value, 4, (MemAttrs){ .secure = true });
    return (uint32_t)value;
}

/* ---- version 2 ---- */

/* Processor n takes interrupts of group 0, the distributor forwards them. */
static void open_v2(unsigned n)
{
    as_cpu(n);
    store32(GICD + CTLR, 1);
    store32(GICC + CTLR, 1);
    store32(GICC + PMR, 0xff);
}

static void enable_spi_v2(unsigned irq, uint8_t priority, uint8_t targets)
{
    store(GICD + IPRIORITYR + irq, priority, 1);
    store(GICD + ITARGETSR + irq, targets, 1);
    store32(GICD + ISENABLER + irq / 32 * 4, 1u << irq % 32);
}

static void test_level_interrupt_is_taken_and_comes_back_while_high(void)
{
    reset_all();
    open_v2(1);
    enable_spi_v2(37, 0x80, 1 << 1);
    irq_raise(arm_gic_spi(v2, 5));
    g_assert_true(processors[0][1].line[ARM_IRQ_IRQ]);
    g_assert_false(processors[0][0].line[ARM_IRQ_IRQ]);
    g_assert_cmphex(load32(GICD + ISPENDR + 4), ==, 1 << 5);
    g_assert_cmpuint(load32(GICC + IAR), ==, 37);
    g_assert_false(processors[0][1].line[ARM_IRQ_IRQ]);
    g_assert_cmphex(load32(GICC + RPR), ==, 0x80);
    g_assert_cmphex(load32(GICD + ISACTIVER + 4), ==, 1 << 5);
    store32(GICC + EOIR, 37);
    g_assert_cmphex(load32(GICC + RPR), ==, 0xff);
    g_assert_true(processors[0][1].line[ARM_IRQ_IRQ]);
    irq_lower(arm_gic_spi(v2, 5));
    g_assert_false(processors[0][1].line[ARM_IRQ_IRQ]);
    g_assert_cmpuint(load32(GICC + IAR), ==, 1023);
}

static void test_edge_is_latched_until_taken(void)
{
    reset_all();
    open_v2(0);
    enable_spi_v2(40, 0, 1);
    store32(GICD + ICFGR + 8, 2 << 2 * 8);
    irq_pulse(arm_gic_spi(v2, 8));
    g_assert_true(processors[0][0].line[ARM_IRQ_IRQ]);
    g_assert_cmpuint(load32(GICC + IAR), ==, 40);
    irq_pulse(arm_gic_spi(v2, 8));
    g_assert_false(processors[0][0].line[ARM_IRQ_IRQ]);        /* active and pending */
    store32(GICC + EOIR, 40);
    g_assert_cmpuint(load32(GICC + IAR), ==, 40);
    store32(GICC + EOIR, 40);
    g_assert_cmpuint(load32(GICC + IAR), ==, 1023);
}

static void test_priorities_preempt_by_binary_point(void)
{
    reset_all();
    open_v2(0);
    enable_spi_v2(40, 0x48, 1);
    enable_spi_v2(41, 0x40, 1);
    enable_spi_v2(42, 0x20, 1);
    store32(GICC + BPR, 3);                                     /* groups of 16 */
    irq_raise(arm_gic_spi(v2, 8));
    g_assert_cmpuint(load32(GICC + IAR), ==, 40);
    irq_raise(arm_gic_spi(v2, 9));
    g_assert_false(processors[0][0].line[ARM_IRQ_IRQ]);        /* of the same group */
    g_assert_cmpuint(load32(GICC + HPPIR), ==, 41);
    irq_raise(arm_gic_spi(v2, 10));
    g_assert_cmpuint(load32(GICC + IAR), ==, 42);
    g_assert_cmphex(load32(GICC + RPR), ==, 0x20);
    store32(GICC + EOIR, 42);
    g_assert_cmphex(load32(GICC + RPR), ==, 0x40);
    store32(GICC + PMR, 0x20);
    store32(GICC + EOIR, 40);
    g_assert_false(processors[0][0].line[ARM_IRQ_IRQ]);        /* the mask: 0x20 is not below 0x20 */
    store32(GICC + PMR, 0x28);
    g_assert_true(processors[0][0].line[ARM_IRQ_IRQ]);
    for (int n = 8; n <= 10; n++) {
        irq_lower(arm_gic_spi(v2, (uint32_t)n));
    }
}

static void test_sgis_tell_who_sent_them(void)
{
    reset_all();
    open_v2(2);
    as_cpu(0);
    store32(GICD + SGIR, 1 << (16 + 2) | 5);
    as_cpu(3);
    store32(GICD + SGIR, 1 << 24 | 5);                          /* all but self */
    g_assert_cmphex(load32(GICC + HPPIR), ==, 1023);
    as_cpu(2);
    g_assert_true(processors[0][2].line[ARM_IRQ_IRQ]);
    g_assert_cmphex(load32(GICD + 0xf24), ==, 1 << 8 | 1 << 11);
    g_assert_cmphex(load32(GICC + IAR), ==, 5);
    store32(GICC + EOIR, 5);
    g_assert_cmphex(load32(GICC + IAR), ==, 3 << 10 | 5);
    store32(GICC + EOIR, 3 << 10 | 5);
    g_assert_cmphex(load32(GICC + IAR), ==, 1023);
    store32(GICD + SGIR, 2 << 24 | 7);                          /* self */
    g_assert_cmphex(load32(GICC + IAR), ==, 2 << 10 | 7);
}

static void test_split_end_and_private_interrupts(void)
{
    reset_all();
    open_v2(3);
    store32(GICC + CTLR, 1 | 1 << 9);
    store32(GICD + ISENABLER, 1 << 30);
    irq_raise(arm_gic_ppi(v2, 3, 30));
    g_assert_cmpuint(load32(GICC + IAR), ==, 30);
    store32(GICC + EOIR, 30);
    g_assert_cmphex(load32(GICC + RPR), ==, 0xff);
    g_assert_false(processors[0][3].line[ARM_IRQ_IRQ]);        /* still active */
    store32(GICC + GICC_DIR, 30);
    g_assert_true(processors[0][3].line[ARM_IRQ_IRQ]);
    irq_lower(arm_gic_ppi(v2, 3, 30));
    as_cpu(0);
    g_assert_cmphex(load32(GICD + ISENABLER), ==, 0xffff);
}

static void test_nonsecure_software_sees_group_1_alone(void)
{
    reset_all();
    as_cpu(0);
    cpu_set_current(NULL);
    store_secure(SECURE_GICD + CTLR, 3);
    store_secure(SECURE_GICC + CTLR, 1 | 2 | 8);                /* both groups, group 0 as FIQ */
    store_secure(SECURE_GICC + PMR, 0xff);
    store_secure(SECURE_GICD + IGROUPR + 4, 1 << 1);
    store_secure(SECURE_GICD + ISENABLER + 4, 3);
    address_space_store(&board.memory_space, SECURE_GICD + ITARGETSR + 32, 0x0101, 2, (MemAttrs){ .secure = true });
    g_assert_cmphex(load32(SECURE_GICD + ISENABLER + 4), ==, 2);
    store32(SECURE_GICD + ICENABLER + 4, 3);
    g_assert_cmphex(load_secure(SECURE_GICD + ISENABLER + 4), ==, 1);
    store32(SECURE_GICD + ISENABLER + 4, 3);
    store(SECURE_GICD + IPRIORITYR + 33, 0x40, 1);
    g_assert_cmphex(load_secure(SECURE_GICD + IPRIORITYR + 32), ==, 0xa000);
    irq_raise(arm_gic_spi(v2_secure, 1));
    g_assert_cmpint(line_level[0], ==, 1);
    g_assert_cmphex(load_secure(SECURE_GICC + IAR), ==, 1022);
    irq_raise(arm_gic_spi(v2_secure, 0));
    g_assert_cmpint(line_level[CPUS], ==, 1);                   /* FIQ */
    g_assert_cmpint(line_level[0], ==, 0);
    g_assert_cmphex(load32(SECURE_GICC + IAR), ==, 1023);
    g_assert_cmphex(load_secure(SECURE_GICC + IAR), ==, 32);
    g_assert_cmphex(load32(SECURE_GICC + RPR), ==, 0);
    store_secure(SECURE_GICC + EOIR, 32);
    irq_lower(arm_gic_spi(v2_secure, 0));
    g_assert_cmphex(load32(SECURE_GICC + IAR), ==, 33);
    g_assert_cmphex(load32(SECURE_GICC + RPR), ==, 0x40);
    g_assert_cmphex(load_secure(SECURE_GICC + RPR), ==, 0xa0);
    irq_lower(arm_gic_spi(v2_secure, 1));
}

static void test_list_register_is_the_guests_interrupt(void)
{
    reset_all();
    open_v2(1);
    store32(GICC + CTLR, 1 | 1 << 9);
    enable_spi_v2(37, 0x80, 1 << 1);
    irq_raise(arm_gic_spi(v2, 5));
    g_assert_cmpuint(load32(GICC + IAR), ==, 37);
    store32(GICC + EOIR, 37);
    g_assert_cmphex(load32(GICH + 4) & 0x3f, ==, 3);
    store32(GICH + 0, 1 | 2);                                   /* En, UIE */
    g_assert_true(processors[0][1].maintenance);
    store32(GICV + CTLR, 1);
    store32(GICV + PMR, 0xff);
    g_assert_cmphex(load32(GICV + PMR), ==, 0xf8);
    store32(GICH + 0x100, 1u << 31 | 1u << 28 | 0x10u << 23 | 37 << 10 | 60);
    store32(GICH + 0x104, 1u << 28 | 0x11u << 23 | 1 << 19 | 61);
    g_assert_true(processors[0][1].line[ARM_IRQ_VIRQ]);
    g_assert_false(processors[0][1].maintenance);
    g_assert_cmpuint(load32(GICV + IAR), ==, 60);
    g_assert_cmphex(load32(GICD + ISACTIVER + 4), ==, 1 << 5);
    store32(GICV + EOIR, 60);
    g_assert_cmphex(load32(GICD + ISACTIVER + 4), ==, 0);      /* the physical one has ended too */
    g_assert_true(processors[0][1].maintenance);                /* one valid list register is left */
    store32(GICH + 0, 1);
    g_assert_cmpuint(load32(GICV + IAR), ==, 61);
    g_assert_false(processors[0][1].maintenance);
    store32(GICV + EOIR, 61);
    g_assert_cmphex(load32(GICH + 0x20), ==, 2);
    g_assert_cmphex(load32(GICH + 0x30), ==, 0xd);
    g_assert_true(processors[0][1].maintenance);
    irq_lower(arm_gic_spi(v2, 5));
}

static void test_frame_makes_interrupts_of_messages(void)
{
    reset_all();
    open_v2(0);
    g_assert_cmphex(load32(V2M + 8), ==, 48 << 16 | 32);
    store32(GICD + ICFGR + 12, 2);
    enable_spi_v2(48, 0, 1);
    store32(V2M + 0x40, 80);                                    /* behind the frame's */
    store32(V2M + 0x40, 47);
    g_assert_cmphex(load32(GICD + ISPENDR + 4), ==, 0);
    store32(V2M + 0x40, 48);
    g_assert_cmpuint(load32(GICC + IAR), ==, 48);
}

/* ---- version 3 ---- */

static ArmSysregResult sysreg(unsigned set, unsigned n, uint32_t name, bool write, uint64_t *value)
{
    Processor *p = &processors[set][n];
    return p->ops->access(p->opaque, name, &p->view, write, value);
}
static uint64_t get_of(unsigned set, unsigned n, uint32_t name)
{
    uint64_t value = 0;
    g_assert_cmpint(sysreg(set, n, name, false, &value), ==, SYSREG_OK);
    return value;
}
static void put_of(unsigned set, unsigned n, uint32_t name, uint64_t value) { g_assert_cmpint(sysreg(set, n, name, true, &value), ==, SYSREG_OK); }
static uint64_t get(unsigned n, uint32_t name) { return get_of(1, n, name); }
static void put(unsigned n, uint32_t name, uint64_t value) { put_of(1, n, name, value); }
static void set_view(unsigned set, unsigned n, ArmGicView view)
{
    processors[set][n].view = view;
    processors[set][n].ops->view_changed(processors[set][n].opaque, &view);
}

enum { ICC_PMR = ARM_SYSREG(3, 0, 4, 6, 0), ICC_IAR0 = ARM_SYSREG(3, 0, 12, 8, 0), ICC_DIR = ARM_SYSREG(3, 0, 12, 11, 1), ICC_RPR = ARM_SYSREG(3, 0, 12, 11, 3), ICC_SGI1R = ARM_SYSREG(3, 0, 12, 11, 5),
       ICC_IAR1 = ARM_SYSREG(3, 0, 12, 12, 0), ICC_EOIR1 = ARM_SYSREG(3, 0, 12, 12, 1), ICC_HPPIR1 = ARM_SYSREG(3, 0, 12, 12, 2), ICC_BPR1 = ARM_SYSREG(3, 0, 12, 12, 3),
       ICC_CTLR = ARM_SYSREG(3, 0, 12, 12, 4), ICC_SRE = ARM_SYSREG(3, 0, 12, 12, 5), ICC_IGRPEN0 = ARM_SYSREG(3, 0, 12, 12, 6), ICC_IGRPEN1 = ARM_SYSREG(3, 0, 12, 12, 7),
       ICC_IGRPEN1_3 = ARM_SYSREG(3, 6, 12, 12, 7), ICH_HCR = ARM_SYSREG(3, 4, 12, 11, 0), ICH_VMCR = ARM_SYSREG(3, 4, 12, 11, 7), ICH_LR = ARM_SYSREG(3, 4, 12, 12, 0),
       ICH_EISR = ARM_SYSREG(3, 4, 12, 11, 3), ICH_ELRSR = ARM_SYSREG(3, 4, 12, 11, 5) };
#define AFFINITY(n) ((uint64_t)((n) / 2) << 8 | (uint64_t)((n) % 2))

static void open_v3(void)
{
    reset_all();
    for (unsigned n = 0; n < CPUS; n++) {
        processors[1][n].view = (ArmGicView){ .el = 1, .aarch64 = true, .scr_el3 = 1 };
        put(n, ICC_PMR, 0xff);
        put(n, ICC_IGRPEN1, 1);
        store32(V3_GICR + n * GICR_SIZE + SGI_FRAME + IGROUPR, UINT32_MAX);
    }
    store32(V3 + CTLR, 0x12);
    for (unsigned word = 1; word < 4; word++) {
        store32(V3 + IGROUPR + 4 * word, UINT32_MAX);
    }
}

static void test_spi_goes_where_its_router_says(void)
{
    open_v3();
    g_assert_cmphex(load32(V3 + CTLR), ==, 0x52);
    g_assert_cmphex(load32(V3 + 4) & 0x1f, ==, 3);
    g_assert_cmphex(load32(V3 + 0xffe8) & 0xf0, ==, 0x30);
    store(V3 + IROUTER + 8 * 37, AFFINITY(3), 8);
    store32(V3 + ISENABLER + 4, 1 << 5);
    store(V3 + IPRIORITYR + 37, 0xa0, 1);
    irq_raise(arm_gic_spi(v3, 5));
    g_assert_true(processors[1][3].line[ARM_IRQ_IRQ]);
    store(V3 + IROUTER + 8 * 37, AFFINITY(2), 8);
    g_assert_false(processors[1][3].line[ARM_IRQ_IRQ]);
    g_assert_true(processors[1][2].line[ARM_IRQ_IRQ]);
    g_assert_cmpuint(get(2, ICC_HPPIR1), ==, 37);
    g_assert_cmpuint(get(2, ICC_IAR1), ==, 37);
    g_assert_cmphex(get(2, ICC_RPR), ==, 0xa0);
    g_assert_cmpuint(get(2, ICC_IAR1), ==, 1023);
    put(2, ICC_EOIR1, 37);
    g_assert_true(processors[1][2].line[ARM_IRQ_IRQ]);
    store(V3 + IROUTER + 8 * 37, 0xff, 8);                      /* nobody has that affinity */
    g_assert_false(processors[1][2].line[ARM_IRQ_IRQ]);
    irq_lower(arm_gic_spi(v3, 5));
}

static void test_split_end_of_v3(void)
{
    open_v3();
    put(1, ICC_CTLR, 2);
    store32(V3_GICR + GICR_SIZE + SGI_FRAME + ISENABLER, 1 << 27);
    irq_raise(arm_gic_ppi(v3, 1, 27));
    g_assert_cmpuint(get(1, ICC_IAR1), ==, 27);
    put(1, ICC_EOIR1, 27);
    g_assert_cmphex(get(1, ICC_RPR), ==, 0xff);
    g_assert_false(processors[1][1].line[ARM_IRQ_IRQ]);
    put(1, ICC_DIR, 27);
    g_assert_true(processors[1][1].line[ARM_IRQ_IRQ]);
    irq_lower(arm_gic_ppi(v3, 1, 27));
    g_assert_false(processors[1][1].line[ARM_IRQ_IRQ]);
    store32(V3_GICR + GICR_SIZE + SGI_FRAME + ISPENDR, 1 << 27);
    g_assert_true(processors[1][1].line[ARM_IRQ_IRQ]);
    put(1, ICC_PMR, 0);
    g_assert_false(processors[1][1].line[ARM_IRQ_IRQ]);
}

static void test_sgis_by_affinity(void)
{
    open_v3();
    for (unsigned n = 0; n < CPUS; n++) {
        store32(V3_GICR + n * GICR_SIZE + SGI_FRAME + ISENABLER, 0xffff);
    }
    put(0, ICC_SGI1R, UINT64_C(3) << 24 | 1 << 16 | 2);         /* affinity 1.1 */
    for (unsigned n = 0; n < CPUS; n++) {
        g_assert_cmpint(processors[1][n].line[ARM_IRQ_IRQ], ==, n == 3);
    }
    g_assert_cmpuint(get(3, ICC_IAR1), ==, 3);
    put(3, ICC_EOIR1, 3);
    put(1, ICC_SGI1R, UINT64_C(1) << 40 | 4 << 24);             /* all but self */
    for (unsigned n = 0; n < CPUS; n++) {
        g_assert_cmpint(processors[1][n].line[ARM_IRQ_IRQ], ==, n != 1);
    }
    store32(V3_GICR + SGI_FRAME + ICPENDR, 1 << 4);
    g_assert_false(processors[1][0].line[ARM_IRQ_IRQ]);
}

static void test_redistributors_name_their_processors(void)
{
    g_assert_cmphex(load(V3_GICR + 3 * GICR_SIZE + 8, 8), ==, UINT64_C(0x101) << 32 | 3 << 8 | 1 << 4 | 9);
    g_assert_cmphex(load32(V3_GICR + 2 * GICR_SIZE + 0xc), ==, 0x100);
    g_assert_cmphex(load(V3S_GICR + 8, 8) & 0x10, ==, 0x10);   /* the last of its region */
    g_assert_cmphex(load(V3S_GICR + GICR_SIZE + 8, 8) & 0x10, ==, 0);
    g_assert_cmphex(load(V3S_GICR + 3 * GICR_SIZE + 8, 8) & 0x10, ==, 0x10);
}

static void test_groups_and_states_choose_the_signal(void)
{
    reset_all();
    ArmGicView el3 = { .el = 3, .secure = true, .aarch64 = true, .has_el3 = true }, secure = el3, normal = el3;
    secure.el = normal.el = 1;
    normal.secure = false;
    normal.scr_el3 = 1 | 4;
    set_view(2, 0, el3);
    store_secure(V3S + CTLR, 7);
    put_of(2, 0, ICC_IGRPEN0, 1);
    put_of(2, 0, ICC_IGRPEN1_3, 3);
    put_of(2, 0, ICC_PMR, 0xff);
    store_secure(V3S + IGROUPR + 4, 1 << 1);
    store_secure(V3S + 0xd00 + 4, 1 << 2);                      /* 32: group 0, 33: non-secure, 34: secure group 1 */
    store_secure(V3S + ISENABLER + 4, 7);
    static const struct { unsigned irq; bool fiq_el3, fiq_secure, fiq_normal; } cases[] = { { 0, true, true, true }, { 1, true, true, false }, { 2, true, false, true } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        irq_raise(arm_gic_spi(v3_secure, cases[i].irq));
        const ArmGicView views[] = { el3, secure, normal };
        const bool fiq[] = { cases[i].fiq_el3, cases[i].fiq_secure, cases[i].fiq_normal };
        for (size_t v = 0; v < 3; v++) {
            set_view(2, 0, views[v]);
            g_assert_cmpint(processors[2][0].line[ARM_IRQ_FIQ], ==, fiq[v]);
            g_assert_cmpint(processors[2][0].line[ARM_IRQ_IRQ], ==, !fiq[v]);
        }
        irq_lower(arm_gic_spi(v3_secure, cases[i].irq));
    }
    uint64_t value = 0;
    g_assert_cmpint(sysreg(2, 0, ICC_IAR0, false, &value), ==, SYSREG_TRAP_EL3);    /* SCR_EL3.FIQ */
    g_assert_cmphex(get_of(2, 0, ICC_PMR), ==, 0xf0);
    put_of(2, 0, ICC_PMR, 0x80);
    set_view(2, 0, el3);
    g_assert_cmphex(get_of(2, 0, ICC_PMR), ==, 0xc0);
    irq_raise(arm_gic_spi(v3_secure, 1));
    store_secure(V3S + IPRIORITYR + 32, 0x9000);
    g_assert_cmpuint(get_of(2, 0, ICC_IAR0), ==, 1021);
    g_assert_cmphex(load32(V3S + IPRIORITYR + 32), ==, 0x2000);
    g_assert_cmphex(load32(V3S + ISENABLER + 4), ==, 2);
    irq_lower(arm_gic_spi(v3_secure, 1));
}

static void test_secure_software_lends_sgis_but_no_other_private_interrupts(void)
{
    enum { SGI_FRAME = 0x10000, NSACR = 0xe00 };
    uint64_t frame = V3S_GICR + SGI_FRAME;
    reset_all();
    store_secure(frame + NSACR, UINT32_MAX);
    store_secure(frame + NSACR + 4, UINT32_MAX);
    g_assert_cmphex(load_secure(frame + NSACR), ==, UINT32_MAX);
    g_assert_cmphex(load_secure(frame + NSACR + 4), ==, 0);
    store32(frame + ISPENDR, UINT32_MAX);
    g_assert_cmphex(load_secure(frame + ISPENDR), ==, 0xffff);
    g_assert_cmphex(load32(frame + ISPENDR), ==, 0xffff);
    store32(frame + ICPENDR, UINT32_MAX);
    g_assert_cmphex(load_secure(frame + ISPENDR), ==, 0);
}

static void test_guest_has_list_registers(void)
{
    open_v3();
    ArmGicView el2 = { .el = 2, .aarch64 = true, .has_el2 = true, .scr_el3 = 1, .hcr_el2 = 1 << 4 | 1 << 3 }, el1 = el2;
    el1.el = 1;
    set_view(1, 0, el2);
    put(0, ICH_HCR, 1);
    put(0, ICH_VMCR, UINT64_C(0xff) << 24 | 2);
    put(0, ICH_LR + 1, UINT64_C(1) << 62 | UINT64_C(1) << 60 | UINT64_C(0x50) << 48 | 70);
    put(0, ICH_LR + 2, UINT64_C(1) << 62 | UINT64_C(1) << 60 | UINT64_C(1) << 41 | UINT64_C(0x40) << 48 | 71);
    g_assert_true(processors[1][0].line[ARM_IRQ_VIRQ]);
    set_view(1, 0, el1);
    g_assert_cmpuint(get(0, ICC_IAR1), ==, 71);
    g_assert_cmphex(get(0, ICC_RPR), ==, 0x40);
    g_assert_false(processors[1][0].line[ARM_IRQ_VIRQ]);
    put(0, ICC_EOIR1, 71);
    g_assert_true(processors[1][0].maintenance);
    g_assert_cmpuint(get(0, ICC_IAR1), ==, 70);
    put(0, ICC_CTLR, 2);
    put(0, ICC_EOIR1, 70);
    uint64_t value = 0;
    g_assert_cmpint(sysreg(1, 0, ICC_SGI1R, true, &value), ==, SYSREG_TRAP_EL2);
    set_view(1, 0, el2);
    g_assert_cmphex(get(0, ICH_EISR), ==, 1 << 2);
    g_assert_cmphex(get(0, ICH_LR + 1) >> 62, ==, 2);           /* active until it is deactivated */
    g_assert_cmphex(get(0, ICH_ELRSR), ==, 9);
    put(0, ICH_HCR, 1 | 1 << 12);                               /* TALL1 */
    set_view(1, 0, el1);
    g_assert_cmpint(sysreg(1, 0, ICC_IAR1, false, &value), ==, SYSREG_TRAP_EL2);
    g_assert_cmpint(sysreg(1, 0, ICH_LR + 4, false, &value), ==, SYSREG_UNDEFINED);
}

/* ---- LPIs ---- */

enum { CONFIG = 0x00000, PENDING = 0x10000, QUEUE = 0x50000, DEVICES = 0x60000, COLLECTIONS = 0x70000, ITT = 0x80000 };
static unsigned queued;

static void command(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t words[] = { a, b, c, d };
    for (unsigned n = 0; n < 4; n++) {
        store(RAM + QUEUE + queued * 32 + 8 * n, words[n], 8);
    }
    queued = (queued + 1) % 128;
    store(V3_ITS + 0x88, queued * 32, 8);
    g_assert_cmphex(load(V3_ITS + 0x90, 8), ==, queued * 32);
}
static void map_device(uint64_t device, unsigned bits) { command(8 | device << 32, bits, UINT64_C(1) << 63 | (RAM + ITT + device * 0x1000), 0); }
static void map_collection(uint64_t collection, uint64_t target) { command(9, 0, UINT64_C(1) << 63 | target << 16 | collection, 0); }
static void map_event(uint64_t device, uint64_t event, uint64_t lpi, uint64_t collection) { command(0xa | device << 32, event | lpi << 32, collection, 0); }
static void message(uint16_t device, uint32_t event)
{
    address_space_store(&board.memory_space, V3_ITS + ARM_GICV3_ITS_TRANSLATER, event, 4, (MemAttrs){ .requester_id = device });
}

static void open_its(uint64_t indirect)
{
    open_v3();
    queued = 0;
    for (unsigned n = 0; n < 0x100; n++) {
        store32(RAM + CONFIG + 4 * n, 0);
        store32(RAM + DEVICES + 4 * n, 0);
        store32(RAM + COLLECTIONS + 4 * n, 0);
    }
    for (unsigned n = 0; n < CPUS; n++) {
        uint64_t gicr = V3_GICR + n * GICR_SIZE;
        store(gicr + 0x70, (RAM + CONFIG) | 15, 8);
        store(gicr + 0x78, UINT64_C(1) << 62 | (RAM + PENDING + n * 0x10000), 8);
        store32(gicr, 1);
        g_assert_cmphex(load32(gicr), ==, 1);
    }
    g_assert_cmphex(load(V3_ITS + 0x100, 8) >> 48, ==, 0x107);
    g_assert_cmphex(load(V3_ITS + 0x108, 8) >> 48, ==, 0x407);
    store(V3_ITS + 0x100, UINT64_C(1) << 63 | indirect | (RAM + DEVICES), 8);
    store(V3_ITS + 0x108, UINT64_C(1) << 63 | (RAM + COLLECTIONS), 8);
    store(V3_ITS + 0x80, UINT64_C(1) << 63 | (RAM + QUEUE), 8);
    store32(V3_ITS + 0, 1);
}

static void test_message_becomes_an_lpi(void)
{
    open_its(0);
    map_device(8, 3);
    map_collection(1, 2);
    map_event(8, 5, 8200, 1);
    message(8, 5);
    g_assert_false(processors[1][2].line[ARM_IRQ_IRQ]);        /* pending, not enabled */
    store(RAM + CONFIG + 8, 0xa0 | 1, 1);
    command(0xc | UINT64_C(8) << 32, 5, 0, 0);                  /* INV */
    g_assert_true(processors[1][2].line[ARM_IRQ_IRQ]);
    g_assert_cmpuint(get(2, ICC_IAR1), ==, 8200);
    g_assert_cmphex(get(2, ICC_RPR), ==, 0xa0);
    g_assert_false(processors[1][2].line[ARM_IRQ_IRQ]);
    put(2, ICC_EOIR1, 8200);
    message(8, 5);
    map_collection(2, 0);
    command(1 | UINT64_C(8) << 32, 5, 2, 0);                    /* MOVI */
    g_assert_false(processors[1][2].line[ARM_IRQ_IRQ]);
    g_assert_true(processors[1][0].line[ARM_IRQ_IRQ]);
    command(4 | UINT64_C(8) << 32, 5, 0, 0);                    /* CLEAR */
    g_assert_false(processors[1][0].line[ARM_IRQ_IRQ]);
    command(3 | UINT64_C(8) << 32, 5, 0, 0);                    /* INT */
    g_assert_true(processors[1][0].line[ARM_IRQ_IRQ]);
    command(0xe, 0, 0, UINT64_C(3) << 16);                      /* MOVALL to 3 */
    g_assert_false(processors[1][0].line[ARM_IRQ_IRQ]);
    g_assert_cmpuint(get(3, ICC_IAR1), ==, 8200);
    put(3, ICC_EOIR1, 8200);
    command(0xf | UINT64_C(8) << 32, 5, 0, 0);                  /* DISCARD */
    message(8, 5);
    for (unsigned n = 0; n < CPUS; n++) {
        g_assert_false(processors[1][n].line[ARM_IRQ_IRQ]);
    }
}

static void test_better_lpi_comes_first(void)
{
    open_its(0);
    memset((uint8_t *)memory_region_ram_ptr(&ram) + CONFIG, 0xa1, 0x1000);
    store(RAM + CONFIG + 9, 0x41, 1);
    map_device(8, 3);
    map_collection(1, 0);
    command(0xd, 0, 1, 0);                                      /* INVALL */
    for (unsigned event = 0; event < 4; event++) {
        map_event(8, event, 8200 + event, 1);
        message(8, event);
    }
    static const unsigned order[] = { 8201, 8200, 8202, 8203, 1023 };
    for (size_t n = 0; n < G_N_ELEMENTS(order); n++) {
        g_assert_cmpuint(get(0, ICC_IAR1), ==, order[n]);
        put(0, ICC_EOIR1, order[n]);
    }
}

static void test_two_level_table_of_devices(void)
{
    open_its(UINT64_C(1) << 62);
    store(RAM + DEVICES, UINT64_C(1) << 63 | (RAM + 0x100000), 8);      /* devices 0 to 511 */
    store(RAM + CONFIG + 8, 1, 1);
    map_collection(0, 0);
    command(0xd, 0, 0, 0);
    map_device(16, 1);
    map_event(16, 0, 8200, 0);
    map_device(600, 1);                                         /* whose page is not there */
    map_event(600, 0, 8200, 0);
    message(600, 0);
    g_assert_false(processors[1][0].line[ARM_IRQ_IRQ]);
    message(16, 0);
    g_assert_true(processors[1][0].line[ARM_IRQ_IRQ]);
}

static void test_wild_commands_and_tables(void)
{
    open_its(0);
    static const uint64_t wild[] = { 0, 1, 7, 8191, 0xffff, 0x10000, 0xffffffff, UINT64_C(0x8000000000000000), UINT64_MAX };
    for (unsigned number = 0; number < 0x30; number++) {
        for (size_t n = 0; n < G_N_ELEMENTS(wild) * G_N_ELEMENTS(wild); n++) {
            uint64_t a = wild[n % G_N_ELEMENTS(wild)], b = wild[n / G_N_ELEMENTS(wild)];
            command(number | a << 32, b, a, b);
            command(number | UINT64_C(1) << 32, a, b, a);
        }
        message((uint16_t)number, number);
    }
    store(V3_ITS + 0x88, UINT64_MAX, 8);                        /* behind the queue */
    g_assert_cmphex(load(V3_ITS + 0x90, 8), <, 0x1000);
    open_its(0);
    store32(V3_ITS, 0);
    store(V3_ITS + 0x80, UINT64_C(1) << 63 | UINT64_C(0xfffff0000000), 8);
    store32(V3_ITS, 1);
    store(V3_ITS + 0x88, 32, 8);
    g_assert_cmphex(load(V3_ITS + 0x90, 8), ==, 1);             /* stalled: no memory there */
    open_its(0);
    store32(V3_ITS, 0);
    store(V3_ITS + 0x108, UINT64_C(1) << 63 | V3_ITS, 8);       /* the collections are our own registers */
    store32(V3_ITS, 1);
    for (unsigned n = 0; n < 64; n++) {
        command(9, 0, UINT64_C(1) << 63 | (n & 3) << 16 | n, 0);
    }
}

/* ---- anything ---- */

static uint64_t some_value(void)
{
    static const uint64_t odd[] = { 0, 1, 0xff, 0x3ff, UINT32_MAX, UINT64_MAX, RAM, UINT64_C(1) << 63 | RAM, UINT64_C(3) << 62 | V3_ITS };
    uint64_t random = (uint64_t)g_test_rand_int() << 32 | (uint32_t)g_test_rand_int();
    return random & 1 ? odd[(random >> 8) % G_N_ELEMENTS(odd)] : random >> (random >> 8) % 64;
}

static void wild_register(void)
{
    unsigned set = 1 + (unsigned)g_test_rand_int_range(0, 2), n = (unsigned)g_test_rand_int_range(0, CPUS);
    static const uint8_t op1[] = { 0, 4, 6 };
    uint64_t value = some_value(), view = some_value();
    uint32_t name = ARM_SYSREG(3, op1[g_test_rand_int_range(0, 3)], 12, g_test_rand_int_range(8, 16), g_test_rand_int_range(0, 8));
    processors[set][n].view = (ArmGicView){ .el = (uint8_t)(1 + view % 3), .secure = view & 4, .aarch64 = view & 8, .has_el2 = view & 16, .has_el3 = view & 32, .upper = view & 64,
                                            .hcr_el2 = view >> 7, .scr_el3 = view >> 13 };
    ArmSysregResult result = sysreg(set, n, view & 128 ? ICC_PMR : name, view & 256, &value);
    g_assert_cmpint(result, <=, SYSREG_TRAP_EL3);
}

static void test_wild_accesses_of_everything(void)
{
    static const struct { uint64_t base, size; } regions[] = {
        { GICD, 0x1000 }, { GICC, 0x2000 }, { V2M, 0x1000 }, { GICH, 0x1000 }, { GICV, 0x2000 }, { SECURE_GICD, 0x1000 }, { SECURE_GICC, 0x2000 }, { V3, 0x10000 }, { V3_ITS, 0x200 },
        { V3_ITS + 0x10000, 0x100 }, { V3_GICR, 4 * GICR_SIZE }, { V3_GICR, 0x100 }, { V3S, 0x10000 }, { V3S_GICR, 4 * GICR_SIZE },
    };
    Device *gics[] = { v2, v2_secure, v3, v3_secure };
    open_its(0);
    for (unsigned n = 0; n < 200000; n++) {
        unsigned r = (unsigned)g_test_rand_int_range(0, G_N_ELEMENTS(regions)), size = 1u << g_test_rand_int_range(0, 4);
        uint64_t addr = regions[r].base + ((uint64_t)(uint32_t)g_test_rand_int() % regions[r].size & ~(uint64_t)(size - 1)), value = some_value();
        as_cpu(n % CPUS);
        MemAttrs attrs = { .secure = n & 1, .requester_id = (uint16_t)value };
        if (n & 2) {
            address_space_store(&board.memory_space, addr, value, size, attrs);
        } else {
            address_space_load(&board.memory_space, addr, &value, size, attrs);
        }
        if (n % 4 == 0) {
            irq_set(arm_gic_spi(gics[n / 4 % 4], (uint32_t)value % (SPIS + 32 * CPUS)), n & 16);
        }
        wild_register();
    }
    for (unsigned g = 0; g < 4; g++) {
        for (unsigned n = 0; n < SPIS + 32 * CPUS; n++) {
            irq_lower(arm_gic_spi(gics[g], n));
        }
    }
    test_message_becomes_an_lpi();
    test_edge_is_latched_until_taken();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    build();
    g_test_add_func("/arm-gic/v2/level-interrupt-is-taken-and-comes-back-while-high", test_level_interrupt_is_taken_and_comes_back_while_high);
    g_test_add_func("/arm-gic/v2/edge-is-latched-until-taken", test_edge_is_latched_until_taken);
    g_test_add_func("/arm-gic/v2/priorities-preempt-by-binary-point", test_priorities_preempt_by_binary_point);
    g_test_add_func("/arm-gic/v2/sgis-tell-who-sent-them", test_sgis_tell_who_sent_them);
    g_test_add_func("/arm-gic/v2/split-end-and-private-interrupts", test_split_end_and_private_interrupts);
    g_test_add_func("/arm-gic/v2/nonsecure-software-sees-group-1-alone", test_nonsecure_software_sees_group_1_alone);
    g_test_add_func("/arm-gic/v2/list-register-is-the-guests-interrupt", test_list_register_is_the_guests_interrupt);
    g_test_add_func("/arm-gic/v2m/frame-makes-interrupts-of-messages", test_frame_makes_interrupts_of_messages);
    g_test_add_func("/arm-gic/v3/spi-goes-where-its-router-says", test_spi_goes_where_its_router_says);
    g_test_add_func("/arm-gic/v3/split-end", test_split_end_of_v3);
    g_test_add_func("/arm-gic/v3/sgis-by-affinity", test_sgis_by_affinity);
    g_test_add_func("/arm-gic/v3/redistributors-name-their-processors", test_redistributors_name_their_processors);
    g_test_add_func("/arm-gic/v3/groups-and-states-choose-the-signal", test_groups_and_states_choose_the_signal);
    g_test_add_func("/arm-gic/v3/secure-software-lends-sgis-but-no-other-private-interrupts", test_secure_software_lends_sgis_but_no_other_private_interrupts);
    g_test_add_func("/arm-gic/v3/guest-has-list-registers", test_guest_has_list_registers);
    g_test_add_func("/arm-gic/its/message-becomes-an-lpi", test_message_becomes_an_lpi);
    g_test_add_func("/arm-gic/its/better-lpi-comes-first", test_better_lpi_comes_first);
    g_test_add_func("/arm-gic/its/two-level-table-of-devices", test_two_level_table_of_devices);
    g_test_add_func("/arm-gic/its/wild-commands-and-tables", test_wild_commands_and_tables);
    g_test_add_func("/arm-gic/wild-accesses-of-everything", test_wild_accesses_of_everything);
    return g_test_run();
}
