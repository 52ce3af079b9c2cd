/*
 * The CPU models by name: what each has, as the reference's device trees and properties show it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ostrich-config.h"
#include "target/riscv/cpu-models.h"

const RiscvModel riscv_models[] = {
    { .name = "lowrisc-ibex", .kind = MODEL_VENDOR, .xlen = 32, .privileges = "u",
      .max_satp = SATP_BARE, .no_mmu = true, .pmp_regions = 16, .priv_spec = "v1.12.0",
      .isa = "imc_zicntr_zicsr_zifencei_zihpm_zba_zbb_zbc_zbs_smepmp_xlrbr" },
    { .name = "mips-p8700", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su",
      .max_satp = SATP_SV48, .pmp_regions = 16, .mvendorid = 0x127, .marchid = UINT64_C(0x8000000000000201), .priv_spec = "v1.12.0",
      .isa = "imafdc_zicntr_zicsr_zifencei_zihpm_zba_zbb_xmipscbop_xmipscmov_xmipslsp" },
    { .name = "rv32", .xlen = 32, .privileges = "su", .max_satp = SATP_SV32, .pmp_regions = 16, .priv_spec = "v1.13.0",
      .isa = "imafdch_zicbom_zicbop_zicboz_zicntr_zifencei_zihintntl_zihintpause_zihpm_zawrs_zfa_zba_zbb_zbc_zbs_sstc_svadu_svvptc" },
    { .name = "rv32e", .kind = MODEL_BARE, .xlen = 32, .privileges = "", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "v1.10.0",
      .isa = "e" },
    { .name = "rv32i", .kind = MODEL_BARE, .xlen = 32, .privileges = "", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "v1.10.0",
      .isa = "i" },
    { .name = "rv64", .xlen = 64, .privileges = "su", .max_satp = SATP_SV57, .pmp_regions = 16, .priv_spec = "v1.13.0",
      .isa = "imafdch_zicbom_zicbop_zicboz_zicntr_zifencei_zihintntl_zihintpause_zihpm_zawrs_zfa_zba_zbb_zbc_zbs_sstc_svadu_svvptc" },
    { .name = "rv64e", .kind = MODEL_BARE, .xlen = 64, .privileges = "", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "v1.10.0",
      .isa = "e" },
    { .name = "rv64i", .kind = MODEL_BARE, .xlen = 64, .privileges = "", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "v1.10.0",
      .isa = "i" },
    { .name = "rva22s64", .kind = MODEL_BARE, .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .priv_spec = "v1.12.0",
      .isa = "imafdcb_zicbom_zicbop_zicboz_zicntr_zifencei_zihintpause_zihpm_zfhmin_zba_zbb_zbs_zkt_svade_svinval_svpbmt" },
    { .name = "rva22u64", .kind = MODEL_BARE, .xlen = 64, .privileges = "u", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "",
      .isa = "imafdcb_zicbom_zicbop_zicboz_zicntr_zihintpause_zihpm_zfhmin_zba_zbb_zbs_zkt" },
    { .name = "rva23s64", .kind = MODEL_BARE, .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .priv_spec = "v1.13.0",
      .isa = "imafdcbvh_zicbom_zicbop_zicboz_zicond_zicntr_zifencei_zihintntl_zihintpause_zihpm_zimop_zawrs_zfa_zfhmin_zcb_zcmop_zba_zbb_zbs_zkt_zvbb_zvfhmin_zvkb"
              "_zvkt_smstateen_sscofpmf_ssnpm_sstc_supm_svade_svinval_svnapot_svpbmt" },
    { .name = "rva23u64", .kind = MODEL_BARE, .xlen = 64, .privileges = "u", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "",
      .isa = "imafdcbv_zicbom_zicbop_zicboz_zicond_zicntr_zihintntl_zihintpause_zihpm_zimop_zawrs_zfa_zfhmin_zcb_zcmop_zba_zbb_zbs_zkt_zvbb_zvfhmin_zvkb_zvkt"
              "_ssnpm_supm" },
    { .name = "shakti-c", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imafdc_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-e31", .kind = MODEL_VENDOR, .xlen = 32, .privileges = "u",
      .max_satp = SATP_BARE, .no_mmu = true, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imac_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-e34", .kind = MODEL_VENDOR, .xlen = 32, .privileges = "u",
      .max_satp = SATP_BARE, .no_mmu = true, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imafc_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-e51", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "u",
      .max_satp = SATP_BARE, .no_mmu = true, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imac_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-u34", .kind = MODEL_VENDOR, .xlen = 32, .privileges = "su", .max_satp = SATP_SV32, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imafdc_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-u54", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imafdc_zicntr_zicsr_zifencei_zihpm" },
    { .name = "thead-c906", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su",
      .max_satp = SATP_SV39, .pmp_regions = 16, .mvendorid = 0x5b7, .priv_spec = "v1.11.0",
      .isa = "gc_zicntr_zicsr_zifencei_zihpm_zfa_zfh_zfhmin_xtheadba_xtheadbb_xtheadbs_xtheadcmo_xtheadcondmov_xtheadfmemidx_xtheadmac_xtheadmemidx"
              "_xtheadmempair_xtheadsync" },
    { .name = "thead-c908", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su",
      .max_satp = SATP_SV48, .pmp_regions = 16, .mvendorid = 0x5b7, .marchid = UINT64_C(0x8d143000), .priv_spec = "v1.12.0",
      .isa = "imafdc_zicbom_zicboz_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbc_zbkc_zbs_zkt_smepmp_sscofpmf_sstc_svinval_svnapot_svpbmt_xtheadba"
              "_xtheadbb_xtheadbs_xtheadcmo_xtheadcondmov_xtheadfmemidx_xtheadfmv_xtheadmac_xtheadmemidx_xtheadmempair_xtheadsync" },
    { .name = "thead-c908v", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su",
      .max_satp = SATP_SV48, .pmp_regions = 16, .mvendorid = 0x5b7, .marchid = UINT64_C(0x8d143000), .priv_spec = "v1.12.0",
      .isa = "imafdcv_zicbom_zicboz_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbc_zbkc_zbs_zkt_smepmp_sscofpmf_sstc_svinval_svnapot_svpbmt_xtheadba"
              "_xtheadbb_xtheadbs_xtheadcmo_xtheadcondmov_xtheadfmemidx_xtheadfmv_xtheadmac_xtheadmemidx_xtheadmempair_xtheadsync" },
    { .name = "tt-ascalon", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su",
      .max_satp = SATP_SV57, .pmp_regions = 16, .vlen = 256, .mvendorid = 0x7a1, .priv_spec = "v1.13.0",
      .isa = "gcvh_zicbom_zicbop_zicboz_zicond_zicntr_zicsr_zifencei_zihintntl_zihintpause_zihpm_zimop_zawrs_zfa_zfbfmin_zfh_zfhmin_zca_zcb_zcmop_zba_zbb"
              "_zbs_zkr_zkt_zvbb_zvbc_zvfbfmin_zvfbfwma_zvfh_zvfhmin_zvkb_zvkg_zvkn_zvkned_zvkng_zvknha_zvknhb_zvkt_smaia_smstateen_ssaia_sscofpmf_sstc"
              "_svade_svinval_svnapot_svpbmt" },
    { .name = "veyron-v1", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su",
      .max_satp = SATP_SV48, .pmp_regions = 16, .mvendorid = 0x61f, .marchid = UINT64_C(0x8000000000010000), .mimpid = 0x111, .priv_spec = "v1.12.0",
      .isa = "gch_zicbom_zicboz_zicntr_zicsr_zifencei_zihpm_zca_zba_zbb_zbc_zbs_smaia_smstateen_ssaia_sscofpmf_sstc_svinval_svnapot_svpbmt_xventanacondops" },
    { .name = "xiangshan-kunminghu", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su", .max_satp = SATP_SV48, .pmp_regions = 16, .priv_spec = "v1.13.0",
      .isa = "gcbvh_zicbom_zicbop_zicboz_zicond_zicntr_zihintntl_zihintpause_zihpm_zimop_zacas_zawrs_zfa_zfh_zfhmin_zca_zcb_zcmop_zbc_zbkb"
              "_zbkc_zbkx_zkn_zknd_zkne_zknh_zks_zksed_zksh_zkt_zvbb_zvfh_zvfhmin_zvkb_zvkt_smaia_smcsrind_smmpm_smnpm_smstateen_ssaia_sscofpmf_sscsrind"
              "_ssdbltrp_ssnpm_sspm_sstc_supm_svade_svinval_svnapot_svpbmt" },
    { .name = "xiangshan-nanhu", .kind = MODEL_VENDOR, .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .pmp_regions = 16, .priv_spec = "v1.12.0",
      .isa = "gcb_zicntr_zihpm_zca_zbc_zbkb_zbkc_zbkx_zknd_zkne_zknh_zksed_zksh_svinval" },
#if defined(CONFIG_KVM) && defined(__riscv)
    /* What KVM gives guests: kvm/isa.c asks the host what that is, and who made it. */
    { .name = "host", .xlen = __riscv_xlen, .privileges = "su", .max_satp = SATP_SV57, .priv_spec = "v1.12.0", .by_kvm = true,
      .isa = "imafdch_zicbom_zifencei_zihintpause_sstc_svinval_svpbmt" },
#endif
    /* All that the translator has. */
    { .name = "max", .xlen = 64, .privileges = "su", .max_satp = SATP_SV57, .pmp_regions = 16, .priv_spec = "v1.13.0", .everything = true, .isa = "imafdcbvh" },
    { .name = "max32", .xlen = 32, .privileges = "su", .max_satp = SATP_SV32, .pmp_regions = 16, .priv_spec = "v1.13.0", .isa = "imafdch_zicntr_zihpm" },
};
const unsigned riscv_nr_models = ARRAY_SIZE(riscv_models);
