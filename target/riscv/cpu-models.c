/*
 * The CPU models by name: what each has, as the reference's device trees and properties show it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ostrich-config.h"
#include "target/riscv/cpu-models.h"

const RiscvModel riscv_models[] = {
    { .name = "lowrisc-ibex", .xlen = 32, .privileges = "u", .max_satp = SATP_BARE, .no_mmu = true, .pmp_regions = 16, .priv_spec = "v1.12.0",
      .isa = "imc_zic64b_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihpm_zmmul_za64rs_zca_zba_zbb_zbc_zbs_shcounterenw_shgatpa_shtvala"
              "_shvsatpa_shvstvala_shvstvecd_smepmp_ssccptr_sscounterenw_ssstrict_sstvala_sstvecd_ssu64xl" },
    { .name = "mips-p8700", .xlen = 64, .privileges = "su", .max_satp = SATP_SV48, .pmp_regions = 16, .mvendorid = 0x127, .marchid = UINT64_C(0x8000000000000201), .priv_spec = "v1.12.0",
      .isa = "imafdc_zic64b_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihpm_zmmul_za64rs_zaamo_zalrsc_zca_zcd_zba_zbb_shcounterenw_shgatpa"
              "_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_ssstrict_sstvala_sstvecd_ssu64xl_xmipscbop_xmipscmov_xmipslsp" },
    { .name = "rv32", .xlen = 32, .privileges = "su", .max_satp = SATP_SV32, .pmp_regions = 16, .priv_spec = "v1.13.0",
      .isa = "imafdch_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihintntl_zihintpause_zihpm_zmmul_za64rs_zaamo"
              "_zalrsc_zawrs_zfa_zca_zcf_zcd_zba_zbb_zbc_zbs_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_ssstrict_sstc"
              "_sstvala_sstvecd_ssu64xl_svadu_svvptc" },
    { .name = "rv32e", .xlen = 32, .privileges = "", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "v1.10.0",
      .isa = "e" },
    { .name = "rv32i", .xlen = 32, .privileges = "", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "v1.10.0",
      .isa = "i" },
    { .name = "rv64", .xlen = 64, .privileges = "su", .max_satp = SATP_SV57, .pmp_regions = 16, .priv_spec = "v1.13.0",
      .isa = "imafdch_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihintntl_zihintpause_zihpm_zmmul_za64rs_zaamo"
              "_zalrsc_zawrs_zfa_zca_zcd_zba_zbb_zbc_zbs_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_ssstrict_sstc"
              "_sstvala_sstvecd_ssu64xl_svadu_svvptc" },
    { .name = "rv64e", .xlen = 64, .privileges = "", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "v1.10.0",
      .isa = "e" },
    { .name = "rv64i", .xlen = 64, .privileges = "", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "v1.10.0",
      .isa = "i" },
    { .name = "rva22s64", .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .priv_spec = "v1.12.0",
      .isa = "imafdcb_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihintpause_zihpm_zmmul_za64rs_zaamo_zalrsc_zfhmin"
              "_zca_zcd_zba_zbb_zbs_zkt_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_ssstrict_sstvala_sstvecd_ssu64xl"
              "_svade_svinval_svpbmt" },
    { .name = "rva22u64", .xlen = 64, .privileges = "u", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "",
      .isa = "imafdcb_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zihintpause_zihpm_zmmul_za64rs_zaamo_zalrsc_zfhmin_zca_zcd"
              "_zba_zbb_zbs_zkt_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_ssstrict_sstvala_sstvecd_ssu64xl" },
    { .name = "rva23s64", .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .priv_spec = "v1.13.0",
      .isa = "imafdcbvh_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicond_zicntr_zicsr_zifencei_zihintntl_zihintpause_zihpm_zimop_zmmul"
              "_za64rs_zaamo_zalrsc_zawrs_zfa_zfhmin_zca_zcb_zcd_zcmop_zba_zbb_zbs_zkt_zvbb_zve32f_zve32x_zve64f_zve64d_zve64x_zvfhmin_zvkb_zvkt"
              "_shcounterenw_sha_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_smnpm_smstateen_ssccptr_sscofpmf_sscounterenw_ssnpm_ssstateen_ssstrict_sstc"
              "_sstvala_sstvecd_ssu64xl_supm_svade_svinval_svnapot_svpbmt" },
    { .name = "rva23u64", .xlen = 64, .privileges = "u", .max_satp = SATP_BARE, .no_mmu = true, .priv_spec = "",
      .isa = "imafdcbv_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicond_zicntr_zicsr_zihintntl_zihintpause_zihpm_zimop_zmmul_za64rs"
              "_zaamo_zalrsc_zawrs_zfa_zfhmin_zca_zcb_zcd_zcmop_zba_zbb_zbs_zkt_zvbb_zve32f_zve32x_zve64f_zve64d_zve64x_zvfhmin_zvkb_zvkt_shcounterenw"
              "_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_smnpm_ssccptr_sscounterenw_ssnpm_ssstrict_sstvala_sstvecd_ssu64xl_supm" },
    { .name = "shakti-c", .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imafdc_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-e31", .xlen = 32, .privileges = "u", .max_satp = SATP_BARE, .no_mmu = true, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imac_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-e34", .xlen = 32, .privileges = "u", .max_satp = SATP_BARE, .no_mmu = true, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imafc_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-e51", .xlen = 64, .privileges = "u", .max_satp = SATP_BARE, .no_mmu = true, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imac_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-u34", .xlen = 32, .privileges = "su", .max_satp = SATP_SV32, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imafdc_zicntr_zicsr_zifencei_zihpm" },
    { .name = "sifive-u54", .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .pmp_regions = 8, .priv_spec = "v1.10.0",
      .isa = "imafdc_zicntr_zicsr_zifencei_zihpm" },
    { .name = "thead-c906", .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .pmp_regions = 16, .mvendorid = 0x5b7, .priv_spec = "v1.11.0",
      .isa = "imafdc_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihpm_zfh_zfhmin_ssccptr_xtheadba_xtheadbb_xtheadbs_xtheadcmo_xtheadcondmov"
              "_xtheadfmemidx_xtheadmac_xtheadmemidx_xtheadmempair_xtheadsync" },
    { .name = "thead-c908", .xlen = 64, .privileges = "su", .max_satp = SATP_SV48, .pmp_regions = 16, .mvendorid = 0x5b7, .marchid = UINT64_C(0x8d143000), .priv_spec = "v1.12.0",
      .isa = "imafdc_zic64b_zicbom_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihintpause_zihpm_zmmul_za64rs_zaamo_zalrsc_zca_zcd_zba"
              "_zbb_zbc_zbkc_zbs_zkt_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_smepmp_ssccptr_sscofpmf_sscounterenw_ssstrict_sstc_sstvala"
              "_sstvecd_ssu64xl_svinval_svnapot_svpbmt_xtheadba_xtheadbb_xtheadbs_xtheadcmo_xtheadcondmov_xtheadfmemidx_xtheadfmv_xtheadmac_xtheadmemidx"
              "_xtheadmempair_xtheadsync" },
    { .name = "thead-c908v", .xlen = 64, .privileges = "su", .max_satp = SATP_SV48, .pmp_regions = 16, .mvendorid = 0x5b7, .marchid = UINT64_C(0x8d143000), .priv_spec = "v1.12.0",
      .isa = "imafdcv_zic64b_zicbom_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihintpause_zihpm_zmmul_za64rs_zaamo_zalrsc_zca_zcd_zba"
              "_zbb_zbc_zbkc_zbs_zkt_zve32f_zve32x_zve64f_zve64d_zve64x_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_smepmp_ssccptr_sscofpmf"
              "_sscounterenw_ssstrict_sstc_sstvala_sstvecd_ssu64xl_svinval_svnapot_svpbmt_xtheadba_xtheadbb_xtheadbs_xtheadcmo_xtheadcondmov_xtheadfmemidx"
              "_xtheadfmv_xtheadmac_xtheadmemidx_xtheadmempair_xtheadsync" },
    { .name = "tt-ascalon", .xlen = 64, .privileges = "su", .max_satp = SATP_SV57, .pmp_regions = 16, .vlen = 256, .mvendorid = 0x7a1, .priv_spec = "v1.13.0",
      .isa = "imafdcvh_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicond_zicntr_zicsr_zifencei_zihintntl_zihintpause_zihpm_zimop_zmmul"
              "_za64rs_zaamo_zalrsc_zawrs_zfa_zfbfmin_zfh_zfhmin_zca_zcb_zcmop_zba_zbb_zbs_zkr_zkt_zvbb_zvbc_zve32f_zve32x_zve64f_zve64d_zve64x_zvfbfmin"
              "_zvfbfwma_zvfh_zvfhmin_zvkb_zvkg_zvkn_zvkned_zvkng_zvknha_zvknhb_zvkt_shcounterenw_sha_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_smaia"
              "_smstateen_ssaia_ssccptr_sscofpmf_sscounterenw_ssstateen_ssstrict_sstc_sstvala_sstvecd_ssu64xl_svade_svinval_svnapot_svpbmt" },
    { .name = "veyron-v1", .xlen = 64, .privileges = "su", .max_satp = SATP_SV48, .pmp_regions = 16, .mvendorid = 0x61f, .marchid = UINT64_C(0x8000000000010000), .mimpid = 0x111, .priv_spec = "v1.12.0",
      .isa = "imafdch_zic64b_zicbom_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihpm_zmmul_za64rs_zaamo_zalrsc_zca_zba_zbb_zbc_zbs"
              "_shcounterenw_sha_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_smaia_smstateen_ssaia_ssccptr_sscofpmf_sscounterenw_ssstateen_ssstrict_sstc"
              "_sstvala_sstvecd_ssu64xl_svinval_svnapot_svpbmt_xventanacondops" },
    { .name = "xiangshan-kunminghu", .xlen = 64, .privileges = "su", .max_satp = SATP_SV48, .pmp_regions = 16, .priv_spec = "v1.13.0",
      .isa = "imafdcbvh_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicond_zicntr_zicsr_zifencei_zihintntl_zihintpause_zihpm_zimop_zmmul"
              "_za64rs_zaamo_zacas_zalrsc_zawrs_zfa_zfh_zfhmin_zca_zcb_zcmop_zba_zbb_zbc_zbkb_zbkc_zbkx_zbs_zkn_zknd_zkne_zknh_zks_zksed_zksh_zkt_zvbb"
              "_zve32f_zve32x_zve64f_zve64d_zve64x_zvfh_zvfhmin_zvkb_zvkt_shcounterenw_sha_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_smaia_smcsrind"
              "_smmpm_smnpm_smstateen_ssaia_ssccptr_sscofpmf_sscounterenw_sscsrind_ssdbltrp_ssnpm_sspm_ssstateen_ssstrict_sstc_sstvala_sstvecd_ssu64xl_supm"
              "_svade_svinval_svnapot_svpbmt" },
    { .name = "xiangshan-nanhu", .xlen = 64, .privileges = "su", .max_satp = SATP_SV39, .pmp_regions = 16, .priv_spec = "v1.12.0",
      .isa = "imafdcb_zic64b_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihpm_zmmul_za64rs_zaamo_zalrsc_zca_zba_zbb_zbc_zbkb_zbkc_zbkx_zbs_zknd"
              "_zkne_zknh_zksed_zksh_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_ssstrict_sstvala_sstvecd_ssu64xl"
              "_svinval" },
#if defined(CONFIG_KVM) && defined(__riscv)
    /* What KVM gives guests: kvm/isa.c takes away what this host has not, and asks it who made it. */
    { .name = "host", .xlen = __riscv_xlen, .privileges = "su", .max_satp = SATP_SV57, .priv_spec = "v1.12.0", .by_kvm = true,
      .isa = "imafdch_zicbom_zicsr_zifencei_zihintpause_sstc_svinval_svpbmt" },
#endif
    /* All that the translator has. */
    { .name = "max", .xlen = 64, .privileges = "su", .max_satp = SATP_SV57, .pmp_regions = 16, .priv_spec = "v1.13.0", .everything = true, .isa = "imafdcbvh" },
    { .name = "max32", .xlen = 32, .privileges = "su", .max_satp = SATP_SV32, .pmp_regions = 16, .priv_spec = "v1.13.0", .isa = "imafdch_zicsr_zicntr_zihpm" },
};
const unsigned riscv_nr_models = ARRAY_SIZE(riscv_models);
