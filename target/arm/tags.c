/*
 * Where memory tags are: a memory of their own beside RAM, 4 bits for each 16 bytes, of the granule at address A the byte A / 32. Which pages have tags, stage 1 (MAIR's
 * 0xf0) and stage 2 say; others may have a canonical tag, by their address. What pages have been looked up is remembered until the next invalidation of translations.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D10.2 (allocation tags), D10.3 (Tagged, Canonically Tagged and Untagged memory), D8.6.2 (stage 2 attributes).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tags.h"
#include "softmmu/ram.h"

/* The host memory that holds the tags of a frame of physical memory, or NULL. */
static uint8_t *tags_of_frame(const ArmCpu *cpu, uint64_t paddr, bool secure, uint64_t *ram_addr)
{
    AddressSpace *as = secure && cpu->secure_tag_memory ? cpu->secure_tag_memory : cpu->tag_memory;
    uint64_t at = paddr / ARM_TAG_BYTES_PER_BYTE;
    memory_read_lock();
    uint8_t *frame = as ? address_space_frame(as, at & ~(uint64_t)(ARM_TAG_PAGE - 1), false, ram_addr) : NULL;
    memory_read_unlock();
    *ram_addr += at & (ARM_TAG_PAGE - 1);
    return frame ? frame + (at & (ARM_TAG_PAGE - 1)) : NULL;
}

const ArmTagPage *arm_tag_page_slow(ArmCpu *cpu, uint64_t vaddr, unsigned index)
{
    static const ArmTagPage untagged = { .canonical = -1 };
    if (!cpu->tag_pages) {
        return &untagged;
    }
    ArmWalk w = arm_walk_for(cpu, TCG_ACCESS_LOAD, index);
    w.quiet = true;
    if (arm_walk(cpu, arm_strip_tag(cpu, w.regime, w.two_ranges, vaddr, false), &w) != WALK_OK) {
        return &untagged;
    }
    ArmTagPage *page = arm_tag_page_slot(cpu, vaddr, index);
    *page = (ArmTagPage){ .key = arm_tag_page_key(vaddr, index), .epoch = cpu->walk_cache_epoch, .space = cpu->current_space };
    page->tags = w.tagged_memory ? tags_of_frame(cpu, w.paddr & ~(uint64_t)(ARM_TAG_PAGE - 1), w.secure, &page->ram_addr) : NULL;
    bool canonical = !w.tagged_memory && arm_mtx(cpu, w.regime, w.two_ranges, vaddr);
    page->canonical = !canonical ? -1 : w.two_ranges && (vaddr >> 55 & 1) ? 15 : 0;
    return page;
}

bool arm_load_tag(ArmCpu *cpu, uint64_t vaddr, unsigned index, unsigned *tag)
{
    const ArmTagPage *page = arm_tag_page(cpu, vaddr, index);
    if (!page->tags) {
        *tag = page->canonical < 0 ? 0 : (unsigned)page->canonical;
        return page->canonical >= 0;
    }
    *tag = arm_page_tag(page, vaddr);
    return true;
}

/* Another processor may store the other half of the byte meanwhile. */
void arm_store_tag(ArmCpu *cpu, uint64_t vaddr, unsigned index, unsigned tag)
{
    const ArmTagPage *page = arm_tag_page(cpu, vaddr, index);
    if (!page->tags) {
        return;
    }
    unsigned at = (vaddr & (ARM_TAG_PAGE - 1)) / ARM_TAG_BYTES_PER_BYTE, shift = vaddr & ARM_TAG_GRANULE ? 4 : 0;
    uint8_t old = __atomic_load_n(&page->tags[at], __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&page->tags[at], &old, (uint8_t)((old & ~(15u << shift)) | tag << shift), true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    ram_set_dirty(page->ram_addr + at, 1);
}
