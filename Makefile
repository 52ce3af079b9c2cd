# A thin face over configure, meson and ninja. Everything is built in build/.
# SPDX-License-Identifier: GPL-2.0-or-later
BUILD ?= build

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	scripts/install-packages
	mkdir -p $(BUILD) && cd $(BUILD) && $(CURDIR)/configure

# A Debian kernel with a shell, on this terminal.
demo: $(BUILD)/build.ninja
	ninja -C $(BUILD) programs
	scripts/demo $(BUILD)

# The quick set.
check: all
	scripts/install-packages $(shell cat tests/packages)
	tests/run $(BUILD)

# The long set: a Debian disk, the installer, memtest86+, GRUB, iPXE, and 100 million cases of x86 instructions. An hour and more.
check-long: all
	scripts/install-packages $(shell cat tests/packages tests/packages-long)
	OSTRICH_LONG=1 tests/run $(BUILD)

# The quick set again with the address and undefined-behaviour sanitizers, in a build of its own; without whole guests, which would take too long.
check-asan:
	scripts/install-packages $(shell cat tests/packages)
	mkdir -p $(BUILD)-asan && cd $(BUILD)-asan && { [ -e build.ninja ] || $(CURDIR)/configure --enable-asan; }
	ninja -C $(BUILD)-asan
	tests/run $(BUILD)-asan --no-suite boot --no-suite accel --timeout-multiplier 5

bench: all
	scripts/install-packages $(shell cat bench/packages)
	bench/run $(BUILD)

install: all
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) $(BUILD)-asan

.PHONY: all demo check check-long check-asan bench install clean
