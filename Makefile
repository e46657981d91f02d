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

# What puts the programs on terminals of their own and reads their screens.
STAGE_OBJS = \
	tests/actor.o \
	tests/daemons.o \
	tests/emulator.o \
	tests/foreground.o \
	tests/keeper.o \
	tests/page.o \
	tests/partner.o \
	tests/sight.o \
	tests/stage.o

# What several tests share; of these alone cmocka is needed.
CAST_OBJS = \
	tests/company.o \
	tests/puppet.o

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
	tests/test_daemon \
	tests/test_call \
	tests/test_meeting \
	tests/test_peer \
	tests/test_keys \
	tests/test_compose \
	tests/test_pane \
	tests/test_screen \
	tests/test_terminal \
	tests/test_signals \
	tests/test_resolve \
	tests/test_emulator \
	tests/test_talkd \
	tests/test_ringing \
	tests/test_conversation \
	tests/test_stream \
	tests/test_demo

SOURCES = common/*.[ch] talkd/*.[ch] talk/*.[ch] tests/*.[ch]

HEADERS = \
	common/*.h \
	talkd/*.h \
	talk/*.h \
	tests/*.h

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

ROOMS = $(COMMON_OBJS) $(TALKD_OBJS) $(TALK_OBJS) $(STAGE_OBJS)

tests/rooms.a: $(ROOMS)
	rm -f $@
	$(AR) -rc $@ $(ROOMS)

tests/cast.a: $(CAST_OBJS)
	rm -f $@
	$(AR) -rc $@ $(CAST_OBJS)

.c:
	$(COMPILE) $(LDFLAGS) -o $@ $< tests/cast.a tests/rooms.a -lcmocka \
		$(LDLIBS)

$(TESTS): tests/cast.a tests/rooms.a $(HEADERS)

check: all tests/demo $(TESTS)
	@failed=; for test in $(TESTS); do \
		$(RUN) $$test || failed="$$failed $$test"; \
	done; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

demo: all tests/demo
	@tests/demo

tests/demo: tests/demo.c tests/rooms.a
	$(COMPILE) $(LDFLAGS) -o $@ tests/demo.c tests/rooms.a $(LDLIBS)

clean:
	rm -f talk/talk talkd/talkd tests/demo $(TESTS) \
		tests/cast.a tests/rooms.a */*.o

# Every object is built anew when a header changes: there are few, and none
# is forgotten.
$(ROOMS) $(CAST_OBJS) talk/main.o talkd/main.o: $(HEADERS)

.PHONY: all check demo clean
