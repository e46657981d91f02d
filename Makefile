# talk, the terminal messenger.  Any POSIX make will do: GNU's and BSD's are
# tried.  `make` needs a C compiler, `make check` cmocka besides.

# ---------------------------------------------------------------- to set ---


CC = cc
CFLAGS = -O2 -g
WARN = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wformat=2 \
	-Werror=format-security
CPPFLAGS = -I. -D_POSIX_C_SOURCE=200809L -D_FORTIFY_SOURCE=2
LDFLAGS =
LDLIBS =

COMPILE = $(CC) -std=c11 $(WARN) $(CPPFLAGS) $(CFLAGS)

# ----------------------------------------------------------------- files ---

COMMON_OBJS = \
	common/address.o \
	common/ntalk.o \
	common/otalk.o \
	common/person.o \
	common/text.o

# One program a module.
TESTS = \
	tests/test_address \
	tests/test_ntalk \
	tests/test_otalk \
	tests/test_person \
	tests/test_text

SOURCES = common/*.[ch] tests/*.[ch]

HEADERS = common/*.h

# ----------------------------------------------------------------- build ---

all: $(COMMON_OBJS)

.SUFFIXES:
.SUFFIXES: .c .o

.c.o:
	$(COMPILE) -c -o $@ $<

# ------------------------------------------------------------------ test ---

# A program to run each test under: RUN=valgrind.
RUN =

ROOMS = $(COMMON_OBJS)

tests/rooms.a: $(ROOMS)
	rm -f $@
	$(AR) -rc $@ $(ROOMS)

.c:
	$(COMPILE) $(LDFLAGS) -o $@ $< tests/rooms.a -lcmocka $(LDLIBS)

$(TESTS): tests/rooms.a $(HEADERS)

check: all $(TESTS)
	@failed=; for test in $(TESTS); do \
		$(RUN) $$test || failed="$$failed $$test"; \
	done; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

clean:
	rm -f $(TESTS) \
		tests/rooms.a */*.o

# Every object is built anew when a header changes: there are few, and none
# is forgotten.
$(ROOMS): $(HEADERS)

.PHONY: all check clean
