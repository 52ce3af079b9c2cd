/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/store.h"
#include "accel/tcg/store-file.h"
#include "util/error.h"

#include <link.h>
#include <string.h>

/* Of a record in the file: enough to know whether it is worth reading. */
typedef struct Kept { const StoreRecord *record; uint32_t key, guest_hash, next; uint16_t guest_bytes; } Kept;

#define START_BYTES 8               /* longer blocks are found by their first bytes, shorter ones by the first */
#define INDEX_BITS 17
#define NONE UINT32_MAX

struct Store {
    StoreFile file;
    GArray *kept;                   /* of Kept */
    uint32_t heads[1 << INDEX_BITS];
};

/* ---- the index ---- */

static uint32_t make_key(uint64_t mode, uint64_t constants, uint32_t offset, const uint8_t *guest, uint32_t guest_bytes)
{
    uint64_t words[4] = { mode, constants, offset };
    memcpy(&words[3], guest, guest_bytes >= START_BYTES ? START_BYTES : 1);
    return store_hash(words, sizeof(words));
}

static uint32_t bucket(uint32_t key)
{
    return key & MAKE_MASK(0, INDEX_BITS);
}

static void add_kept(Store *s, Kept kept)
{
    uint32_t *head = &s->heads[bucket(kept.key)];
    kept.next = *head;
    *head = s->kept->len;
    g_array_append_val(s->kept, kept);
}

static void scan(void *opaque, const StoreRecord *r)
{
    add_kept(opaque, (Kept){ .record = r, .key = r->key, .guest_hash = r->guest_hash, .guest_bytes = r->guest_bytes });
}

/* ---- opening ---- */

/* The linker's identification of the program, folded. */
static int find_build_id(struct dl_phdr_info *info, size_t size, void *opaque)
{
    uint64_t *id = opaque;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
        const uint8_t *p = (const uint8_t *)info->dlpi_addr + ph->p_vaddr, *end = p + ph->p_memsz;
        while (ph->p_type == PT_NOTE && (size_t)(end - p) >= sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *note = (const void *)p;
            const uint8_t *text = p + sizeof(*note) + ROUND_UP(note->n_namesz, 4);
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && note->n_descsz >= 16) {
                memcpy(id, text, 16);
                return 1;
            }
            p = text + ROUND_UP(note->n_descsz, 4);
        }
    }
    return 1;       /* the program itself is the first */
}

bool store_open(TcgAccel *t, const char *setting, GError **err)
{
    uint64_t what[4] = { 0, 0, t->backend->identity ? t->backend->identity() : 0, sizeof(StoreRecord) };
    dl_iterate_phdr(find_build_id, what);
    if (!what[0] || !t->backend->relocate) {
        return error_set(err, "cache=%s: %s", setting, what[0] ? "not implemented for this back end" : "this program was linked without a build ID");
    }
    g_autofree char *dir = !strcmp(setting, "on") ? g_build_filename(g_get_user_cache_dir(), "ostrich", "units", NULL) : g_strdup(setting);
    g_autofree Store *s = g_new0(Store, 1);
    s->kept = g_array_new(FALSE, FALSE, sizeof(Kept));
    memset(s->heads, 0xff, sizeof(s->heads));
    if (!store_file_open(&s->file, dir, t->target->name, what, scan, s, err)) {
        g_array_free(s->kept, TRUE);
        return false;
    }
    t->store = g_steal_pointer(&s);
    return true;
}

void store_flush(TcgAccel *t)
{
    if (t->store) {
        g_mutex_lock(&t->code_lock);
        store_file_flush(&t->store->file);
        g_mutex_unlock(&t->code_lock);
    }
}

/* ---- finding ---- */

static uint64_t constants(TcgVcpu *v)
{
    if (!v->constants) {
        v->constants = (v->target->constants ? v->target->constants(v->cpu) : 0) | 1;
    }
    return v->constants;
}

static const StoreRecord *try_kept(TcgVcpu *v, TcgSource *s, int32_t offset, const Kept *k, uint8_t *guest, uint32_t *have)
{
    /* The bytes behind may lie on a page that is not asked for unless the rest is equal. */
    if (k->guest_bytes > *have) {
        if (!tcg_fetch(s, offset + *have, guest + *have, k->guest_bytes - *have)) {
            return NULL;
        }
        *have = k->guest_bytes;
    }
    if (store_hash(guest, k->guest_bytes) != k->guest_hash) {
        return NULL;
    }
    const StoreRecord *r = k->record;
    bool same = r->mode == v->mode && r->constants == constants(v) && r->offset == (uint32_t)offset && r->guest_bytes == k->guest_bytes
        && !memcmp((const uint8_t *)r + store_layout(r).guest, guest, k->guest_bytes);
    return same && store_sum(r) == r->sum ? r : NULL;
}

const StoreRecord *store_find(TcgVcpu *v, TcgSource *s, int32_t offset)
{
    const Store *store = tcg_accel->store;
    uint8_t guest[2 * PAGE_BYTES] = { 0 };
    uint32_t have = MIN(START_BYTES, PAGE_BYTES - (uint32_t)offset);
    if (!store || !store->kept->len || !tcg_fetch(s, offset, guest, have)) {
        return NULL;
    }
    for (uint32_t n = have < START_BYTES ? 1 : START_BYTES; n; n = n > 1 ? 1 : 0) {
        uint32_t key = make_key(v->mode, constants(v), offset, guest, n);
        for (uint32_t i = store->heads[bucket(key)]; i != NONE; i = g_array_index(store->kept, Kept, i).next) {
            const Kept *k = &g_array_index(store->kept, Kept, i);
            const StoreRecord *r = k->key == key ? try_kept(v, s, offset, k, guest, &have) : NULL;
            if (r) {
                return r;
            }
        }
    }
    return NULL;
}

/* ---- from the file into the cache ---- */

static bool fill_entries(TcgAccel *t, Segment *segment, TcgUnit *unit, const StoreRecord *r, TcgCompiled *result)
{
    const StoreExit *from = (const StoreExit *)((const uint8_t *)r + store_layout(r).exits);
    for (unsigned i = 0; i < r->nr_exits; i++) {
        if (from[i].patch_offset > r->code_bytes || from[i].stub_offset > r->code_bytes) {
            return false;
        }
        unit->exits[i] = (UnitExit){ .unit = unit, .number = i, .kind = from[i].kind, .same_page = from[i].same_page, .target = from[i].target,
                                     .patch_offset = from[i].patch_offset, .stub_offset = from[i].stub_offset, .carried = from[i].carried };
        if (!segment_give_cell(t, segment, &unit->exits[i])) {
            *result = TCG_AREA_FULL;
            return false;
        }
    }
    for (unsigned i = 0; i < r->nr_quick; i++) {
        if (r->quick[i].at >= r->code_bytes || r->quick[i].pad >= r->code_bytes || r->quick[i].slot >= TCG_MAX_SLOTS) {
            return false;
        }
        unit->quick[i] = r->quick[i];
    }
    unit->nr_quick = r->nr_quick;
    return true;
}

Unit *store_place(TcgAccel *t, const StoreRecord *r, Segment *segment, TcgCompiled *result)
{
    StoreLayout l = store_layout(r);
    CodeArea *area = &segment->area;
    size_t start = ROUND_UP(area->used, 16);
    Unit *unit = segment_alloc(segment, sizeof(Unit));
    UnitExit *exits = segment_alloc(segment, sizeof(UnitExit) * MAX(r->nr_exits, 1));
    *result = TCG_AREA_FULL;
    if (!unit || !exits || start >= area->size || area->size - start < r->code_bytes) {
        return NULL;
    }
    *unit = (Unit){ .base = { .mode = r->mode, .offset = (int32_t)r->offset, .exits = exits, .nr_exits = r->nr_exits, .nr_guest_insns = r->nr_guest_insns,
                              .guest_bytes = r->guest_bytes, .code = area->execute + start, .code_size = r->code_bytes }, .cached_pc = NO_PC,
                    .first_byte = r->offset, .last_byte = r->offset + r->guest_bytes - 1 };
    memcpy(area->write + start, (const uint8_t *)r + l.code, r->code_bytes);
    *result = TCG_DOES_NOT_FIT;
    if (!fill_entries(t, segment, &unit->base, r, result) || !t->backend->relocate(&unit->base, (const TcgReloc *)((const uint8_t *)r + l.relocs), r->nr_relocs)) {
        return NULL;
    }
    area->used = start + r->code_bytes;
    *result = TCG_COMPILED;
    t->nr_loaded++;
    return unit;
}

/* ---- from the cache into the file ---- */

void store_add(TcgVcpu *v, const Unit *unit, const uint8_t *guest)
{
    TcgAccel *t = tcg_accel;
    const TcgUnit *u = &unit->base;
    const TcgReloc *relocs;
    uint32_t nr_relocs, guest_bytes = unit->last_byte - unit->first_byte + 1;
    if (!t->backend->relocations(&relocs, &nr_relocs)) {
        return;
    }
    StoreRecord head = { .mode = u->mode, .constants = constants(v), .offset = u->offset, .guest_bytes = guest_bytes, .guest_hash = store_hash(guest, guest_bytes),
                         .key = make_key(u->mode, constants(v), u->offset, guest, guest_bytes), .code_bytes = u->code_size, .nr_relocs = nr_relocs,
                         .nr_exits = u->nr_exits, .nr_guest_insns = u->nr_guest_insns, .nr_quick = u->nr_quick };
    memcpy(head.quick, u->quick, sizeof(head.quick));
    StoreLayout l = store_layout(&head);
    head.bytes = l.end;
    if (!store_record_fits(&head)) {
        return;
    }
    g_autofree uint8_t *record = g_malloc0(l.end);
    memcpy(record, &head, sizeof(head));
    memcpy(record + l.guest, guest, guest_bytes);
    StoreExit *exits = (StoreExit *)(record + l.exits);
    for (unsigned i = 0; i < u->nr_exits; i++) {
        const UnitExit *e = &u->exits[i];
        exits[i] = (StoreExit){ .target = e->target, .patch_offset = e->patch_offset, .stub_offset = e->stub_offset, .carried = e->carried, .kind = e->kind, .same_page = e->same_page };
    }
    memcpy(record + l.relocs, relocs, nr_relocs * sizeof(*relocs));
    memcpy(record + l.code, u->code, u->code_size);
    ((StoreRecord *)record)->sum = store_sum((StoreRecord *)record);
    store_file_append(&t->store->file, (StoreRecord *)record);
    t->nr_stored++;
}
