# talk, the terminal messenger.  Any POSIX make will do: GNU's and BSD's are
# tried.  `make` needs a C compiler, `make check` cmocka besides.

# ---------------------------------------------------------------- to set ---


CC = cc
CFLAGS = -O2 -g
WARN = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wformat=2 \
	-Werror=format-security
CPPFLAGS = -I. -D_POSIX_C_SOURCE=200809L -D_FORTIFY_SOURCE=2
LDFLAGS =
LDLIBS = -pthread

COMPILE = $(CC) -std=c11 $(WARN) $(CPPFLAGS) $(CFLAGS)

# ----------------------------------------------------------------- files ---

COMMON_OBJS = \
	common/address.o \
	common/ntalk.o \
	common/otalk.o \
	common/person.o \
	common/text.o

TALKD_OBJS = \
	talkd/calls.o \
	talkd/datagram.o \
	talkd/deliver.o \
	talkd/invitations.o \
	talkd/log.o \
	talkd/names.o \
	talkd/rendezvous.o \
	talkd/sandbox.o \
	talkd/server.o \
	talkd/siphash.o \
	talkd/sockets.o \
	talkd/terminals.o

TALK_OBJS = \
	talk/buffer.o \
	talk/call.o \
	talk/compose.o \
	talk/daemon.o \
	talk/keys.o \
	talk/lines.o \
	talk/pane.o \
	talk/peer.o \
	talk/resolve.o \
	talk/screen.o \
	talk/session.o \
	talk/signals.o \
	talk/split.o \
	talk/terminal.o \
	talk/turn.o

# One program a module, then those that play the programs themselves.
TESTS = \
	tests/test_address \
	tests/test_ntalk \
	tests/test_otalk \
	tests/test_person \
	tests/test_text \
	tests/test_siphash \
	tests/test_invitations \
	tests/test_rendezvous \
	tests/test_terminals \
	tests/test_deliver \
	tests/test_names \
	tests/test_buffer \
	tests/test_turn \
	tests/test_keys \
	tests/test_compose \
	tests/test_pane \
	tests/test_screen \
	tests/test_terminal \
	tests/test_signals \
	tests/test_resolve \
	tests/test_daemon \
	tests/test_call \
	tests/test_meeting \
	tests/test_peer \
	tests/test_talkd

SOURCES = common/*.[ch] talkd/*.[ch] talk/*.[ch] tests/*.[ch]

HEADERS = common/*.h talkd/*.h talk/*.h tests/*.h

# ----------------------------------------------------------------- build ---

all: talk/talk talkd/talkd

.SUFFIXES:
.SUFFIXES: .c .o

.c.o:
	$(COMPILE) -c -o $@ $<

talk/talk: talk/main.o $(TALK_OBJS) $(COMMON_OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ talk/main.o $(TALK_OBJS) \
		$(COMMON_OBJS) $(LDLIBS)

talkd/talkd: talkd/main.o $(TALKD_OBJS) $(COMMON_OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ talkd/main.o $(TALKD_OBJS) \
		$(COMMON_OBJS) $(LDLIBS)

# ------------------------------------------------------------------ test ---

# A program to run each test under: RUN=valgrind.
RUN =

ROOMS = $(COMMON_OBJS) $(TALKD_OBJS) $(TALK_OBJS) tests/puppet.o

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
	rm -f talk/talk talkd/talkd $(TESTS) \
		tests/rooms.a */*.o

# Every object is built anew when a header changes: there are few, and none
# is forgotten.
$(ROOMS) talk/main.o talkd/main.o: $(HEADERS)

.PHONY: all check clean
