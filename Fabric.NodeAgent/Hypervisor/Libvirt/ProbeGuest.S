# The guest by which a node finds out whether an accelerator really runs guests: real mode, protected mode, a return from interrupt,
# paging, long mode, some work, and a word on the serial port. Assembled by hand (the bytes stand in ProbeGuest.cs):
#   as -o probe.o probe.S && ld -Ttext 0x7c00 --oformat binary -o probe.bin probe.o
        .globl  _start
        .code16
_start: cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movl    $0x1000, %edi           # three page tables, empty
        movl    $0xc00, %ecx
        xorl    %eax, %eax
        rep stosl
        lgdt    gdtr
        movl    %cr0, %eax
        orl     $1, %eax
        movl    %eax, %cr0
        ljmp    $0x08, $protected
        .code32
protected:
        movw    $0x10, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0x7c00, %esp
        pushfl
        pushl   $0x08
        pushl   $returned
        iretl
returned:
        movl    $0x2003, 0x1000         # the first 2 MiB, mapped to themselves
        movl    $0x3003, 0x2000
        movl    $0x0083, 0x3000
        movl    %cr4, %eax
        orl     $0x20, %eax
        movl    %eax, %cr4
        movl    $0x1000, %eax
        movl    %eax, %cr3
        movl    $0xc0000080, %ecx
        rdmsr
        orl     $0x100, %eax
        wrmsr
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        ljmp    $0x18, $long
        .code64
long:   movl    $50000000, %ecx         # an accelerator that interprets each instruction does not get through this in time
1:      decl    %ecx
        jnz     1b
        movl    $word, %esi
2:      lodsb
        testb   %al, %al
        jz      4f
        movb    %al, %ah
        movw    $0x3fd, %dx
3:      inb     %dx, %al
        testb   $0x20, %al
        jz      3b
        movw    $0x3f8, %dx
        movb    %ah, %al
        outb    %al, %dx
        jmp     2b
4:      hlt
        jmp     4b
        .balign 8
gdt:    .quad   0
        .quad   0x00cf9a000000ffff      # 0x08 code, 32 bits
        .quad   0x00cf92000000ffff      # 0x10 data
        .quad   0x00af9a000000ffff      # 0x18 code, 64 bits
gdtr:   .word   gdtr - gdt - 1
        .long   gdt
word:   .asciz  "FABRIC-PROBE\r\n"
        .org    _start + 510
        .word   0xaa55
