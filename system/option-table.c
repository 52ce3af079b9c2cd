/*
 * The command line's options as a table: names and syntax are the reference's, what they do is said here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"

const OptionInfo option_table[] = {
    { .group = "Standard options" },
    { .name = "h", .has_argument = false, .apply = option_help,
      .help = "display this list of options and exit" },
    { .name = "help", .has_argument = false, .apply = option_help,
      .help = NULL },
    { .name = "version", .has_argument = false, .apply = option_version,
      .help = "display the version and exit" },
    { .name = "machine", .has_argument = true, .apply = option_machine,
      .forms = "[type=]name[,prop[=value][,...]]",
      .help = "select the machine; 'help' lists the machines, NAME,help its properties" },
    { .name = "M", .has_argument = true, .apply = option_machine,
      .forms = "[type=]name[,prop[=value][,...]]",
      .help = NULL },
    { .name = "cpu", .has_argument = true, .apply = option_cpu,
      .forms = "cpu",
      .help = "select the CPU model, with +FEATURE, -FEATURE or FEATURE=on|off behind it; 'help' lists the models" },
    { .name = "accel", .has_argument = true, .apply = option_accel,
      .forms = "[accel=]accelerator[,prop[=value][,...]]",
      .help = "select an accelerator (kvm, tcg); given again, a fallback; 'help' lists them" },
    { .name = "smp", .has_argument = true, .apply = option_smp,
      .forms = "[[cpus=]n][,maxcpus=maxcpus][,drawers=drawers][,books=books][,sockets=sockets][,dies=dies][,clusters=clusters][,modules=modules][,cores=cores][,threads=threads]",
      .help = "number of CPUs and their topology" },
    { .name = "numa", .has_argument = true, .apply = option_numa,
      .forms = "node[,mem=size][,cpus=firstcpu[-lastcpu]][,nodeid=node][,initiator=node]\n"
            "node[,memdev=id][,cpus=firstcpu[-lastcpu]][,nodeid=node][,initiator=node]\n"
            "dist,src=source,dst=destination,val=distance\n"
            "cpu,node-id=node[,socket-id=x][,core-id=y][,thread-id=z]\n"
            "hmat-lb,initiator=node,target=node,hierarchy=memory|first-level|second-level|third-level,data-type=access-latency|read-latency|write-latency[,latency=lat][,bandwidth=bw]\n"
            "hmat-cache,node-id=node,size=size,level=level[,associativity=none|direct|complex][,policy=none|write-back|write-through][,line=size]",
      .help = "describe a NUMA node, a distance or a CPU's node" },
    { .name = "add-fd", .has_argument = true, .apply = option_add_fd,
      .forms = "fd=fd,set=set[,opaque=opaque]",
      .help = "add an open file descriptor to a set that files can be opened from as /dev/fdset/N" },
    { .name = "set", .has_argument = true, .apply = option_set,
      .forms = "group.id.arg=value",
      .help = "set a parameter of another option by its id" },
    { .name = "global", .has_argument = true, .apply = option_global,
      .forms = "driver.property=value\n"
            "driver=driver,property=property,value=value",
      .help = "set a property's default for every device of a driver" },
    { .name = "boot", .has_argument = true, .apply = option_boot,
      .forms = "[order=drives][,once=drives][,menu=on|off][,splash=sp_name][,splash-time=sp_time][,reboot-timeout=rb_time][,strict=on|off]",
      .help = "boot order (drive letters: a, b floppies, c disk, d CD-ROM, n network), menu, splash picture" },
    { .name = "m", .has_argument = true, .apply = option_memory,
      .forms = "[size=]megs[,slots=n,maxmem=size]",
      .help = "guest memory (default unit MiB), slots and limit for memory that is plugged in later" },
    { .name = "mem-path", .has_argument = true, .apply = option_mem_path,
      .forms = "FILE",
      .help = "take guest memory from a file or a folder on hugetlbfs" },
    { .name = "mem-prealloc", .has_argument = false, .apply = option_mem_prealloc,
      .help = "allocate all guest memory at start" },
    { .name = "k", .has_argument = true, .apply = option_unsupported,
      .forms = "language",
      .help = "keyboard layout, such as de or en-us" },
    { .name = "audio", .has_argument = true, .apply = option_unsupported,
      .forms = "[driver=]driver[,prop[=value][,...]]\n"
            "[driver=]driver,model=value[,prop[=value][,...]]",
      .help = "audio back end for the default sound device" },
    { .name = "audiodev", .has_argument = true, .apply = option_unsupported,
      .forms = "[driver=]driver,id=id[,prop[=value][,...]]\n"
            "none,id=id,[,prop[=value][,...]]\n"
            "alsa,id=id[,prop[=value][,...]]\n"
            "oss,id=id[,prop[=value][,...]]\n"
            "pa,id=id[,prop[=value][,...]]\n"
            "pipewire,id=id[,prop[=value][,...]]\n"
            "sdl,id=id[,prop[=value][,...]]\n"
            "spice,id=id[,prop[=value][,...]]\n"
            "dbus,id=id[,prop[=value][,...]]\n"
            "wav,id=id[,prop[=value][,...]]",
      .help = "add an audio back end" },
    { .name = "device", .has_argument = true, .apply = option_device,
      .forms = "driver[,prop[=value][,...]]",
      .help = "add a device; 'help' lists drivers, DRIVER,help a driver's properties" },
    { .name = "name", .has_argument = true, .apply = option_name,
      .forms = "string1[,process=string2][,debug-threads=on|off]",
      .help = "name of the guest, for window titles and process lists" },
    { .name = "uuid", .has_argument = true, .apply = option_uuid,
      .forms = "%08x-%04x-%04x-%04x-%012x",
      .help = "UUID of the machine" },
    { .group = "Block device options" },
    { .name = "fda", .has_argument = true, .apply = option_floppy,
      .forms = "file",
      .help = "image of the first floppy drive" },
    { .name = "fdb", .has_argument = true, .apply = option_floppy,
      .forms = "file",
      .help = "image of the second floppy drive" },
    { .name = "hda", .has_argument = true, .apply = option_disk,
      .forms = "file",
      .help = "image of the first hard disk" },
    { .name = "hdb", .has_argument = true, .apply = option_disk,
      .forms = "file",
      .help = "image of the second hard disk" },
    { .name = "hdc", .has_argument = true, .apply = option_disk,
      .forms = "file",
      .help = "image of the third hard disk" },
    { .name = "hdd", .has_argument = true, .apply = option_disk,
      .forms = "file",
      .help = "image of the fourth hard disk" },
    { .name = "cdrom", .has_argument = true, .apply = option_cdrom,
      .forms = "file",
      .help = "image of the CD-ROM" },
    { .name = "blockdev", .has_argument = true, .apply = option_blockdev,
      .forms = "[driver=]driver[,node-name=N][,discard=ignore|unmap][,cache.direct=on|off][,cache.no-flush=on|off][,read-only=on|off][,auto-read-only=on|off][,force-share=on|off][,detect-zeroes=on|off|unmap][,driver specific parameters...]",
      .help = "add a block node by its driver" },
    { .name = "drive", .has_argument = true, .apply = option_drive,
      .forms = "[file=file][,if=type][,bus=n][,unit=m][,media=d][,index=i][,cache=writethrough|writeback|none|directsync|unsafe][,format=f][,snapshot=on|off][,rerror=ignore|stop|report][,werror=ignore|stop|report|enospc][,id=name][,aio=threads|native|io_uring][,readonly=on|off][,copy-on-read=on|off][,discard=ignore|unmap][,detect-zeroes=on|off|unmap][[,bps=b]|[[,bps_rd=r][,bps_wr=w]]][[,iops=i]|[[,iops_rd=r][,iops_wr=w]]][[,bps_max=bm]|[[,bps_rd_max=rm][,bps_wr_max=wm]]][[,iops_max=im]|[[,iops_rd_max=irm][,iops_wr_max=iwm]]][[,iops_size=is]][[,group=g]]",
      .help = "add a drive: an image and the interface that it is connected to" },
    { .name = "mtdblock", .has_argument = true, .apply = option_unsupported,
      .forms = "file",
      .help = "image of on-board flash memory" },
    { .name = "sd", .has_argument = true, .apply = option_unsupported,
      .forms = "file",
      .help = "image of a secure digital card" },
    { .name = "snapshot", .has_argument = false, .apply = option_snapshot,
      .help = "write changes to temporary files instead of the images" },
    { .name = "fsdev", .has_argument = true, .apply = option_unsupported,
      .forms = "local,id=id,path=path,security_model=mapped-xattr|mapped-file|passthrough|none[,writeout=immediate][,readonly=on][,fmode=fmode][,dmode=dmode][[,throttling.bps-total=b]|[[,throttling.bps-read=r][,throttling.bps-write=w]]][[,throttling.iops-total=i]|[[,throttling.iops-read=r][,throttling.iops-write=w]]][[,throttling.bps-total-max=bm]|[[,throttling.bps-read-max=rm][,throttling.bps-write-max=wm]]][[,throttling.iops-total-max=im]|[[,throttling.iops-read-max=irm][,throttling.iops-write-max=iwm]]][[,throttling.iops-size=is]]\n"
            "synth,id=id",
      .help = "add a folder that a file system device exports" },
    { .name = "virtfs", .has_argument = true, .apply = option_unsupported,
      .forms = "local,path=path,mount_tag=tag,security_model=mapped-xattr|mapped-file|passthrough|none[,id=id][,writeout=immediate][,readonly=on][,fmode=fmode][,dmode=dmode][,multidevs=remap|forbid|warn]\n"
            "synth,mount_tag=tag[,id=id][,readonly=on]",
      .help = "export a folder to the guest by 9p" },
    { .name = "iscsi", .has_argument = true, .apply = option_unsupported,
      .forms = "[user=user][,password=password][,password-secret=secret-id][,header-digest=CRC32C|CR32C-NONE|NONE-CRC32C|NONE][,initiator-name=initiator-iqn][,id=target-iqn][,timeout=timeout]",
      .help = "parameters of iSCSI sessions" },
    { .group = "USB convenience options" },
    { .name = "usb", .has_argument = false, .apply = option_usb,
      .help = "give the machine a USB controller" },
    { .name = "usbdevice", .has_argument = true, .apply = option_unsupported,
      .forms = "name",
      .help = "add a USB device by its old name" },
    { .group = "Display options" },
    { .name = "display", .has_argument = true, .apply = option_display,
      .forms = "spice-app[,gl=on|off]\n"
            "sdl[,gl=on|core|es|off][,grab-mod=<mod>][,show-cursor=on|off][,window-close=on|off]\n"
            "gtk[,full-screen=on|off][,gl=on|off][,grab-on-hover=on|off][,show-tabs=on|off][,show-cursor=on|off][,window-close=on|off][,show-menubar=on|off][,zoom-to-fit=on|off]\n"
            "vnc=<display>[,<optargs>]\n"
            "curses[,charset=<encoding>]\n"
            "egl-headless[,rendernode=<file>]\n"
            "dbus[,addr=<dbusaddr>][,gl=on|core|es|off][,rendernode=<file>]\n"
            "none",
      .help = "select the display's front end" },
    { .name = "nographic", .has_argument = false, .apply = option_nographic,
      .help = "no graphical output: the serial port and the monitor share the terminal (Ctrl-a h for help)" },
    { .name = "spice", .has_argument = true, .apply = option_unsupported,
      .forms = "[port=port][,tls-port=secured-port][,x509-dir=<dir>][,x509-key-file=<file>][,x509-key-password=<file>][,x509-cert-file=<file>][,x509-cacert-file=<file>][,x509-dh-key-file=<file>][,addr=addr][,ipv4=on|off][,ipv6=on|off][,unix=on|off][,tls-ciphers=<list>][,tls-channel=[main|display|cursor|inputs|record|playback]][,plaintext-channel=[main|display|cursor|inputs|record|playback]][,sasl=on|off][,disable-ticketing=on|off][,password-secret=<secret-id>][,image-compression=[auto_glz|auto_lz|quic|glz|lz|off]][,jpeg-wan-compression=[auto|never|always]][,zlib-glz-wan-compression=[auto|never|always]][,streaming-video=[off|all|filter]][,disable-copy-paste=on|off][,disable-agent-file-xfer=on|off][,agent-mouse=[on|off]][,playback-compression=[on|off]][,seamless-migration=[on|off]][,gl=[on|off]][,rendernode=<file>]",
      .help = "remote desktop by SPICE" },
    { .name = "vga", .has_argument = true, .apply = option_vga,
      .forms = "[std|cirrus|vmware|qxl|xenfb|tcx|cg3|virtio|none]",
      .help = "select the graphics card" },
    { .name = "full-screen", .has_argument = false, .apply = option_unsupported,
      .help = "start in full screen" },
    { .name = "vnc", .has_argument = true, .apply = option_unsupported,
      .forms = "<display>",
      .help = "remote desktop by VNC" },
    { .group = "i386 target only" },
    { .name = "win2k-hack", .has_argument = false, .x86_only = true, .apply = option_unsupported,
      .help = "work around a fault of Windows 2000's installer" },
    { .name = "no-fd-bootchk", .has_argument = false, .x86_only = true, .apply = option_no_fd_bootchk,
      .help = "do not check the signature of floppies' boot sectors" },
    { .name = "acpitable", .has_argument = true, .x86_only = true, .apply = option_acpitable,
      .forms = "[sig=str][,rev=n][,oem_id=str][,oem_table_id=str][,oem_rev=n][,asl_compiler_id=str][,asl_compiler_rev=n][,{data|file}=file1[:file2]...]",
      .help = "add an ACPI table made of fields or files" },
    { .name = "smbios", .has_argument = true, .apply = option_smbios,
      .forms = "file=binary\n"
            "type=0[,vendor=str][,version=str][,date=str][,release=%d.%d][,uefi=on|off]\n"
            "type=1[,manufacturer=str][,product=str][,version=str][,serial=str][,uuid=uuid][,sku=str][,family=str]\n"
            "type=2[,manufacturer=str][,product=str][,version=str][,serial=str][,asset=str][,location=str]\n"
            "type=3[,manufacturer=str][,version=str][,serial=str][,asset=str][,sku=str]\n"
            "type=4[,sock_pfx=str][,manufacturer=str][,version=str][,serial=str][,asset=str][,part=str][,max-speed=%d][,current-speed=%d][,processor-family=%d][,processor-id=%d]\n"
            "type=8[,external_reference=str][,internal_reference=str][,connector_type=%d][,port_type=%d]\n"
            "type=11[,value=str][,path=filename]\n"
            "type=17[,loc_pfx=str][,bank=str][,manufacturer=str][,serial=str][,asset=str][,part=str][,speed=%d]\n"
            "type=41[,designation=str][,kind=str][,instance=%d][,pcidev=str]",
      .help = "set fields of SMBIOS structures, or add them from a file" },
    { .group = "Network options" },
    { .name = "netdev", .has_argument = true, .apply = option_netdev,
      .forms = "user,id=str[,ipv4=on|off][,net=addr[/mask]][,host=addr][,ipv6=on|off][,ipv6-net=addr[/int]][,ipv6-host=addr][,restrict=on|off][,hostname=host][,dhcpstart=addr][,dns=addr][,ipv6-dns=addr][,dnssearch=domain][,domainname=domain][,tftp=dir][,tftp-server-name=name][,bootfile=f][,hostfwd=rule][,guestfwd=rule][,smb=dir[,smbserver=addr]]\n"
            "tap,id=str[,fd=h][,fds=x:y:...:z][,ifname=name][,script=file][,downscript=dfile][,br=bridge][,helper=helper][,sndbuf=nbytes][,vnet_hdr=on|off][,vhost=on|off][,vhostfd=h][,vhostfds=x:y:...:z][,vhostforce=on|off][,queues=n][,poll-us=n]\n"
            "bridge,id=str[,br=bridge][,helper=helper]\n"
            "l2tpv3,id=str,src=srcaddr,dst=dstaddr[,srcport=srcport][,dstport=dstport][,rxsession=rxsession],txsession=txsession[,ipv6=on|off][,udp=on|off][,cookie64=on|off][,counter][,pincounter][,txcookie=txcookie][,rxcookie=rxcookie][,offset=offset]\n"
            "socket,id=str[,fd=h][,listen=[host]:port][,connect=host:port]\n"
            "socket,id=str[,fd=h][,mcast=maddr:port[,localaddr=addr]]\n"
            "socket,id=str[,fd=h][,udp=host:port][,localaddr=host:port]\n"
            "stream,id=str[,server=on|off],addr.type=inet,addr.host=host,addr.port=port[,to=maxport][,numeric=on|off][,keep-alive=on|off][,mptcp=on|off][,addr.ipv4=on|off][,addr.ipv6=on|off][,reconnect-ms=milliseconds]\n"
            "stream,id=str[,server=on|off],addr.type=unix,addr.path=path[,abstract=on|off][,tight=on|off][,reconnect-ms=milliseconds]\n"
            "stream,id=str[,server=on|off],addr.type=fd,addr.str=file-descriptor[,reconnect-ms=milliseconds]\n"
            "dgram,id=str,remote.type=inet,remote.host=maddr,remote.port=port[,local.type=inet,local.host=addr]\n"
            "dgram,id=str,remote.type=inet,remote.host=maddr,remote.port=port[,local.type=fd,local.str=file-descriptor]\n"
            "dgram,id=str,local.type=inet,local.host=addr,local.port=port[,remote.type=inet,remote.host=addr,remote.port=port]\n"
            "dgram,id=str,local.type=unix,local.path=path[,remote.type=unix,remote.path=path]\n"
            "dgram,id=str,local.type=fd,local.str=file-descriptor\n"
            "vde,id=str[,sock=socketpath][,port=n][,group=groupname][,mode=octalmode]\n"
            "vhost-user,id=str,chardev=dev[,vhostforce=on|off]\n"
            "vhost-vdpa,id=str[,vhostdev=/path/to/dev][,vhostfd=h]\n"
            "hubport,id=str,hubid=n[,netdev=nd]",
      .help = "add a network back end" },
    { .name = "nic", .has_argument = true, .apply = option_nic,
      .forms = "[tap|bridge|user|l2tpv3|vde|vhost-user|socket][,option][,...][mac=macaddr]\n"
            "none",
      .help = "add a network back end and the NIC that is connected to it; 'none' for no network" },
    { .name = "net", .has_argument = true, .apply = option_net,
      .forms = "nic[,macaddr=mac][,model=type][,name=str][,addr=str][,vectors=v]\n"
            "[user|tap|bridge|vde|socket][,option][,option][,...]",
      .help = "add a NIC or a back end on a common hub (the old form)" },
    { .group = "Character device options" },
    { .name = "chardev", .has_argument = true, .apply = option_chardev,
      .forms = "help\n"
            "null,id=id[,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "socket,id=id[,host=host],port=port[,to=to][,ipv4=on|off][,ipv6=on|off][,nodelay=on|off][,server=on|off][,wait=on|off][,telnet=on|off][,websocket=on|off][,reconnect-ms=milliseconds][,mux=on|off][,logfile=PATH][,logappend=on|off][,tls-creds=ID][,tls-authz=ID] (tcp)\n"
            "socket,id=id,path=path[,server=on|off][,wait=on|off][,telnet=on|off][,websocket=on|off][,reconnect-ms=milliseconds][,mux=on|off][,logfile=PATH][,logappend=on|off][,abstract=on|off][,tight=on|off] (unix)\n"
            "udp,id=id[,host=host],port=port[,localaddr=localaddr][,localport=localport][,ipv4=on|off][,ipv6=on|off][,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "msmouse,id=id[,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "vc,id=id[[,width=width][,height=height]][[,cols=cols][,rows=rows]][,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "ringbuf,id=id[,size=size][,logfile=PATH][,logappend=on|off]\n"
            "file,id=id,path=path[,input-path=input-file][,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "pipe,id=id,path=path[,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "pty,id=id[,path=path][,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "stdio,id=id[,mux=on|off][,signal=on|off][,logfile=PATH][,logappend=on|off]\n"
            "braille,id=id[,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "serial,id=id,path=path[,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "parallel,id=id,path=path[,mux=on|off][,logfile=PATH][,logappend=on|off]\n"
            "spicevmc,id=id,name=name[,debug=debug][,logfile=PATH][,logappend=on|off]\n"
            "spiceport,id=id,name=name[,debug=debug][,logfile=PATH][,logappend=on|off]",
      .help = "add a character device: a terminal, file, pipe, socket ..." },
    { .group = "TPM device options" },
    { .name = "tpmdev", .has_argument = true, .apply = option_unsupported,
      .forms = "passthrough,id=id[,path=path][,cancel-path=path]\n"
            "emulator,id=id,chardev=dev",
      .help = "add a TPM back end" },
    { .group = "Boot Image or Kernel specific options" },
    { .name = "bios", .has_argument = true, .apply = option_bios,
      .forms = "file",
      .help = "firmware file" },
    { .name = "pflash", .has_argument = true, .apply = option_pflash,
      .forms = "file",
      .help = "image of a parallel flash memory, for firmware" },
    { .name = "kernel", .has_argument = true, .apply = option_kernel,
      .forms = "bzImage",
      .help = "boot this kernel without a boot loader" },
    { .name = "shim", .has_argument = true, .apply = option_shim,
      .forms = "shim.efi",
      .help = "boot loader for secure boot with -kernel" },
    { .name = "append", .has_argument = true, .apply = option_append,
      .forms = "cmdline",
      .help = "command line of the kernel" },
    { .name = "initrd", .has_argument = true, .apply = option_initrd,
      .forms = "file",
      .help = "initial RAM disk of the kernel" },
    { .name = "dtb", .has_argument = true, .apply = option_dtb,
      .help = "device tree of the kernel" },
    { .group = "Debug/Expert options" },
    { .name = "compat", .has_argument = true, .apply = option_compat,
      .forms = "[deprecated-input=accept|reject|crash][,deprecated-output=accept|hide]\n"
            "[unstable-input=accept|reject|crash][,unstable-output=accept|hide]",
      .help = "what to do about deprecated and unstable features" },
    { .name = "fw_cfg", .has_argument = true, .apply = option_fw_cfg,
      .forms = "[name=]<name>,file=<file>\n"
            "[name=]<name>,string=<str>",
      .help = "hand a file or a string to the firmware under a name" },
    { .name = "serial", .has_argument = true, .apply = option_serial,
      .forms = "dev",
      .help = "connect the next serial port to a character device" },
    { .name = "parallel", .has_argument = true, .apply = option_parallel,
      .forms = "dev",
      .help = "connect the next parallel port to a character device" },
    { .name = "monitor", .has_argument = true, .apply = option_monitor,
      .forms = "dev",
      .help = "where the monitor is" },
    { .name = "qmp", .has_argument = true, .apply = option_qmp,
      .forms = "dev",
      .help = "a machine-readable monitor" },
    { .name = "qmp-pretty", .has_argument = true, .apply = option_qmp,
      .forms = "dev",
      .help = "the same with indented replies" },
    { .name = "mon", .has_argument = true, .apply = option_mon,
      .forms = "[chardev=]name[,mode=readline|control][,pretty[=on|off]]",
      .help = "a monitor on a character device" },
    { .name = "debugcon", .has_argument = true, .apply = option_debugcon,
      .forms = "dev",
      .help = "send what the guest writes to port 0xe9 to a character device" },
    { .name = "pidfile", .has_argument = true, .apply = option_pidfile,
      .forms = "file",
      .help = "write the process id to a file" },
    { .name = "preconfig", .has_argument = false, .apply = option_unsupported,
      .help = "stop before the machine is built, for configuration by QMP" },
    { .name = "S", .has_argument = false, .apply = option_stopped,
      .help = "do not start the CPUs: 'cont' in a monitor does" },
    { .name = "overcommit", .has_argument = true, .apply = option_overcommit,
      .forms = "[mem-lock=on|off|on-fault][cpu-pm=on|off]",
      .help = "lock guest memory; tell the host that CPUs are never idle" },
    { .name = "gdb", .has_argument = true, .apply = option_gdb,
      .forms = "dev",
      .help = "listen for gdb on a character device" },
    { .name = "s", .has_argument = false, .apply = option_gdb_default,
      .help = "short for -gdb tcp::1234" },
    { .name = "d", .has_argument = true, .apply = option_log,
      .forms = "item1,...",
      .help = "log these items; 'help' lists them" },
    { .name = "D", .has_argument = true, .apply = option_log_file,
      .forms = "logfile",
      .help = "log to a file instead of stderr" },
    { .name = "dfilter", .has_argument = true, .apply = option_log_filter,
      .forms = "range,..",
      .help = "log translated code of these guest addresses only" },
    { .name = "seed", .has_argument = true, .apply = option_seed,
      .forms = "number",
      .help = "seed of the guest's random numbers, for runs that repeat" },
    { .name = "L", .has_argument = true, .apply = option_firmware_path,
      .forms = "path",
      .help = "look for firmware and key maps here; 'help' lists the folders" },
    { .name = "enable-kvm", .has_argument = false, .apply = option_enable_kvm,
      .help = "run guest code by KVM; an error where that cannot be" },
    { .name = "xen-domid", .has_argument = true, .apply = option_unsupported,
      .forms = "id",
      .help = "Xen: domain id" },
    { .name = "xen-attach", .has_argument = false, .apply = option_unsupported,
      .help = "Xen: attach to a domain" },
    { .name = "xen-domid-restrict", .has_argument = false, .apply = option_unsupported,
      .help = "Xen: restrict what this process may do" },
    { .name = "no-reboot", .has_argument = false, .apply = option_no_reboot,
      .help = "end instead of restarting the guest" },
    { .name = "no-shutdown", .has_argument = false, .apply = option_no_shutdown,
      .help = "stop instead of ending when the guest shuts down" },
    { .name = "action", .has_argument = true, .apply = option_action,
      .forms = "reboot=reset|shutdown\n"
            "shutdown=poweroff|pause\n"
            "panic=pause|shutdown|exit-failure|none\n"
            "watchdog=reset|shutdown|poweroff|inject-nmi|pause|debug|none",
      .help = "what follows a guest's reboot, shutdown, panic or watchdog" },
    { .name = "loadvm", .has_argument = true, .apply = option_unsupported,
      .forms = "[tag|id]",
      .help = "start from a snapshot" },
    { .name = "daemonize", .has_argument = false, .apply = option_daemonize,
      .help = "go to the background when the machine is ready" },
    { .name = "option-rom", .has_argument = true, .apply = option_option_rom,
      .forms = "rom",
      .help = "load an option ROM" },
    { .name = "rtc", .has_argument = true, .apply = option_rtc,
      .forms = "[base=utc|localtime|<datetime>][,clock=host|rt|vm][,driftfix=none|slew]",
      .help = "what the real-time clock starts from and follows" },
    { .name = "icount", .has_argument = true, .apply = option_unsupported,
      .forms = "[shift=N|auto][,align=on|off][,sleep=on|off][,rr=record|replay,rrfile=<filename>[,rrsnapshot=<snapshot>]]",
      .help = "virtual time by instructions" },
    { .name = "watchdog-action", .has_argument = true, .apply = option_watchdog_action,
      .forms = "reset|shutdown|poweroff|inject-nmi|pause|debug|none",
      .help = "what follows when a watchdog fires" },
    { .name = "echr", .has_argument = true, .apply = option_echr,
      .forms = "chr",
      .help = "the terminal's escape character instead of Ctrl-a, as a number" },
    { .name = "incoming", .has_argument = true, .apply = option_unsupported,
      .forms = "tcp:[host]:port[,to=maxport][,ipv4=on|off][,ipv6=on|off]\n"
            "rdma:host:port[,ipv4=on|off][,ipv6=on|off]\n"
            "unix:socketpath\n"
            "fd:fd\n"
            "file:filename[,offset=offset]\n"
            "exec:cmdline\n"
            "<channel>\n"
            "defer",
      .help = "wait for a migration" },
    { .name = "only-migratable", .has_argument = false, .apply = option_unsupported,
      .help = "refuse devices that cannot be migrated" },
    { .name = "nodefaults", .has_argument = false, .apply = option_nodefaults,
      .help = "no default devices: serial and parallel ports, monitor, CD-ROM, floppy, graphics card, network" },
    { .name = "semihosting", .has_argument = false, .apply = option_semihosting,
      .help = "let programs on the bare processor use files, console and exit status of this process" },
    { .name = "semihosting-config", .has_argument = true, .apply = option_semihosting_config,
      .forms = "[enable=on|off][,target=native|gdb|auto][,chardev=id][,userspace=on|off][,arg=str[,...]]",
      .help = "the same, with settings" },
    { .name = "sandbox", .has_argument = true, .apply = option_unsupported,
      .forms = "on[,obsolete=allow|deny][,elevateprivileges=allow|deny|children][,spawn=allow|deny][,resourcecontrol=allow|deny]",
      .help = "confine this process by seccomp" },
    { .name = "readconfig", .has_argument = true, .apply = option_readconfig,
      .forms = "<file>",
      .help = "read options from a file" },
    { .name = "no-user-config", .has_argument = false, .apply = option_no_user_config,
      .help = "do not read the user's configuration files" },
    { .name = "trace", .has_argument = true, .apply = option_unsupported,
      .forms = "[[enable=]<pattern>][,events=<file>][,file=<file>]",
      .help = "switch trace points on" },
    { .name = "plugin", .has_argument = true, .apply = option_unsupported,
      .forms = "[file=]<file>[,<argname>=<argvalue>]",
      .help = "load a plug-in of the translator" },
    { .name = "run-with", .has_argument = true, .apply = option_unsupported,
      .forms = "[async-teardown=on|off][,chroot=dir][user=username|uid:gid]",
      .help = "change root, user or tear-down of this process" },
    { .name = "msg", .has_argument = true, .apply = option_msg,
      .forms = "[timestamp[=on|off]][,guest-name=[on|off]]",
      .help = "time stamps and the guest's name in front of messages" },
    { .name = "dump-vmstate", .has_argument = true, .apply = option_unsupported,
      .forms = "<file>",
      .help = "write the layout of the migration stream to a file" },
    { .name = "enable-sync-profile", .has_argument = false, .apply = option_unsupported,
      .help = "profile locks" },
    { .name = "perfmap", .has_argument = false, .apply = option_perfmap,
      .help = "write /tmp/perf-PID.map for perf" },
    { .name = "jitdump", .has_argument = false, .apply = option_jitdump,
      .help = "write jit-PID.dump for perf" },
    { .name = "qtest", .has_argument = true, .apply = option_qtest,
      .forms = "dev",
      .help = NULL },
    { .name = "qtest-log", .has_argument = true, .apply = option_qtest_log,
      .forms = "dev",
      .help = NULL },
    { .group = "Generic object creation" },
    { .name = "object", .has_argument = true, .apply = option_object,
      .forms = "TYPENAME[,PROP1=VALUE1,...]",
      .help = "make an object of a type with properties, such as a memory back end; 'help' lists the types" },
    { 0 }
};
