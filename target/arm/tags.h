/*
 * Memory tags (FEAT_MTE2): those of one page, found by its virtual address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TAGS_H
#define TARGET_ARM_TAGS_H

#include "target/arm/mmu.h"

enum { ARM_TAG_GRANULE = 16, ARM_TAG_BYTES_PER_BYTE = 32, ARM_TAG_SHIFT = 56, ARM_TAG_PAGE = 4096, ARM_TAG_PAGES = 128 };

/* What is remembered of a page of 4 KiB. tags: 128 bytes; NULL: it has none of its own, but perhaps a canonical one (-1: it is untagged). */
struct ArmTagPage {
    uint64_t key, epoch, space, ram_addr;
    uint8_t *tags;
    int8_t canonical;
};

static inline unsigned arm_tag_of(uint64_t address) { return address >> ARM_TAG_SHIFT & 15; }

/* The page and the privilege index in the place of the upper byte. */
static inline uint64_t arm_tag_page_key(uint64_t vaddr, unsigned index) { return (vaddr & MAKE_MASK(12, 44)) | (uint64_t)(index + 1) << 56; }
static inline ArmTagPage *arm_tag_page_slot(const ArmCpu *cpu, uint64_t vaddr, unsigned index) { return &cpu->tag_pages[((vaddr >> 12) ^ index << 4) % ARM_TAG_PAGES]; }

/* The page's tags for an access by a privilege index; a page that is not mapped counts as untagged. On the vCPU's thread. */
const ArmTagPage *arm_tag_page_slow(ArmCpu *cpu, uint64_t vaddr, unsigned index);
static inline const ArmTagPage *arm_tag_page(ArmCpu *cpu, uint64_t vaddr, unsigned index)
{
    if (cpu->tag_pages) {
        const ArmTagPage *page = arm_tag_page_slot(cpu, vaddr, index);
        if (page->key == arm_tag_page_key(vaddr, index) && page->epoch == cpu->walk_cache_epoch && page->space == cpu->current_space) {
            return page;
        }
    }
    return arm_tag_page_slow(cpu, vaddr, index);
}

/* Of a page with tags. */
static inline unsigned arm_page_tag(const ArmTagPage *page, uint64_t vaddr)
{
    uint8_t both = __atomic_load_n(&page->tags[(vaddr & (ARM_TAG_PAGE - 1)) / ARM_TAG_BYTES_PER_BYTE], __ATOMIC_RELAXED);
    return both >> (vaddr & ARM_TAG_GRANULE ? 4 : 0) & 15;
}

/* The tag of the 16 bytes at vaddr; false: the page is untagged. Storing one where there are none of the page's own does nothing. */
bool arm_load_tag(ArmCpu *cpu, uint64_t vaddr, unsigned index, unsigned *tag);
void arm_store_tag(ArmCpu *cpu, uint64_t vaddr, unsigned index, unsigned tag);

#endif
