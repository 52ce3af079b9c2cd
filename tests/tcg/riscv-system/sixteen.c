/*
 * The base with 16 integer registers (volume I, 4 "RV32E and RV64E"): what names another is an illegal instruction. Without the runtime, which uses all of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdbool.h>
#include <stdint.h>

#if __riscv_xlen == 64
#define STORE "sd"
#define LOAD "ld"
#else
#define STORE "sw"
#define LOAD "lw"
#endif
typedef unsigned long Word;
enum { ILLEGAL = 2 };

volatile uint64_t tohost __attribute__((section(".tohost"), aligned(64))), fromhost __attribute__((section(".tohost"), aligned(64)));
volatile Word cause, value, saved[2];
uint8_t stack[4096] __attribute__((aligned(16)));
int main(void);

/* A trap says what it was and goes on behind the instruction, of four bytes. */
asm(".section .text.start, \"ax\"\n.globl _start\n_start: la sp, stack + 4096\nla t0, trap\ncsrw mtvec, t0\ncall main\n1: j 1b\n"
    ".balign 4\ntrap: csrw mscratch, t0\nla t0, saved\n" STORE " t1, (t0)\ncsrr t1, mcause\nla t0, cause\n" STORE " t1, (t0)\ncsrr t1, mtval\nla t0, value\n" STORE " t1, (t0)\n"
    "csrr t1, mepc\naddi t1, t1, 4\ncsrw mepc, t1\nla t0, saved\n" LOAD " t1, (t0)\ncsrr t0, mscratch\nmret\n.text\n");

static void put(char c)
{
    volatile uint32_t *halves = (volatile uint32_t *)&tohost;
    while (halves[1]) {
        fromhost = 0;
    }
    halves[0] = (uint8_t)c;
    halves[1] = 0x01010000;
}

static void print(const char *text)
{
    while (*text) {
        put(*text++);
    }
}

static unsigned tens, ones;
static void print_number(void)
{
    if (tens) {
        put('0' + tens);
    }
    put('0' + ones);
}

static bool failed;
static void check(bool good, const char *name)
{
    if (++ones == 10) {
        tens++;
        ones = 0;
    }
    failed |= !good;
    print(good ? "ok " : "not ok ");
    print_number();
    put(' ');
    print(name);
    put('\n');
}

/* One instruction, which may write x5. */
#define TRY(word) ({ cause = 0; value = 0; asm volatile(".word " #word ::: "t0", "memory"); cause; })
#define RUNS(name, word) check(!TRY(word), name)
#define ILLEGAL_WORD(name, word) check(TRY(word) == ILLEGAL && value == word, name)

int main(void)
{
    RUNS("addi x5, x0, 1", 0x00100293);
    ILLEGAL_WORD("addi x16, x0, 1", 0x00100813u);
    ILLEGAL_WORD("add x5, x16, x0", 0x000802b3u);
    ILLEGAL_WORD("add x5, x0, x31", 0x01f002b3u);
    ILLEGAL_WORD("lui x31, 0", 0x00000fb7u);
    ILLEGAL_WORD("auipc x16, 0", 0x00000817u);
    ILLEGAL_WORD("lw x16, 0(sp)", 0x00012803u);
    ILLEGAL_WORD("sw x16, 0(sp)", 0x01012023u);
    ILLEGAL_WORD("lw x5, 0(x16)", 0x00082283u);
    ILLEGAL_WORD("beq x16, x0, 4", 0x00080263u);
    ILLEGAL_WORD("jal x16, 4", 0x0040086fu);
    ILLEGAL_WORD("csrrs x16, mscratch, x0", 0x34002873u);
    ILLEGAL_WORD("csrrw x0, mscratch, x16", 0x34081073u);
    RUNS("csrrwi x0, mscratch, 16: a number", 0x34085073);
    RUNS("slli x5, x5, 16: so is this", 0x01029293);
    Word misa;
    asm volatile("csrr %0, misa" : "=r"(misa));
    check((misa & 1 << ('E' - 'A')) && !(misa & 1 << ('I' - 'A')), "misa has E and not I");
    print("1..");
    print_number();
    put('\n');
    while (((volatile uint32_t *)&tohost)[1]) {
    }
    tohost = failed << 1 | 1;
    for (;;) {
    }
}
