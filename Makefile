# A thin face over configure, meson and ninja. Everything is built in build/.
# SPDX-License-Identifier: GPL-2.0-or-later
BUILD ?= build

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	scripts/install-packages
	mkdir -p $(BUILD) && ./configure

check: all
	tests/run $(BUILD)

install: all
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD)

.PHONY: all check install clean
