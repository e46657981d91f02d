# talk, the terminal messenger.  Any POSIX make will do: GNU's and BSD's are
# tried.  `make` needs a C compiler, `make check` cmocka besides.

# ---------------------------------------------------------------- to set ---

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
SBINDIR = $(PREFIX)/sbin
MANDIR = $(PREFIX)/share/man
UNITDIR = $(PREFIX)/lib/systemd/system
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions

CC = cc
OBJCOPY = objcopy
CFLAGS = -O2 -g
WARN = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wformat=2 \
	-Werror=format-security
CPPFLAGS = -I. -D_POSIX_C_SOURCE=200809L -D_FORTIFY_SOURCE=2 $(LONG_TIME)
# Time beyond 2038 where glibc has longs of 32 bits; elsewhere it says nothing.
LONG_TIME = -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
LDFLAGS =
LDLIBS = -pthread

COMPILE = $(CC) -std=c11 $(WARN) $(CPPFLAGS) $(CFLAGS)

# ----------------------------------------------------------------- files ---

COMMON_OBJS = \
	common/address.o \
	common/bytes.o \
	common/extension.o \
	common/here.o \
	common/msp.o \
	common/ntalk.o \
	common/otalk.o \
	common/owner.o \
	common/person.o \
	common/rule.o \
	common/text.o

TALKD_OBJS = \
	talkd/access.o \
	talkd/audience.o \
	talkd/calls.o \
	talkd/chains.o \
	talkd/changes.o \
	talkd/confirm.o \
	talkd/datagram.o \
	talkd/deliver.o \
	talkd/device.o \
	talkd/duplicates.o \
	talkd/invitations.o \
	talkd/landlock.o \
	talkd/limits.o \
	talkd/log.o \
	talkd/message.o \
	talkd/names.o \
	talkd/networks.o \
	talkd/notice.o \
	talkd/pages.o \
	talkd/rendezvous.o \
	talkd/ringer.o \
	talkd/rulefile.o \
	talkd/rules.o \
	talkd/sandbox.o \
	talkd/senders.o \
	talkd/server.o \
	talkd/siphash.o \
	talkd/sockets.o \
	talkd/streams.o \
	talkd/terminals.o \
	talkd/users.o \
	talkd/utmp.o \
	talkd/whynot.o

TALK_OBJS = \
	talk/broadcast.o \
	talk/buffer.o \
	talk/call.o \
	talk/callers.o \
	talk/compose.o \
	talk/courier.o \
	talk/daemon.o \
	talk/delivery.o \
	talk/dial.o \
	talk/draft.o \
	talk/heading.o \
	talk/invitation.o \
	talk/keyboard.o \
	talk/keys.o \
	talk/letter.o \
	talk/lines.o \
	talk/listener.o \
	talk/meeting.o \
	talk/options.o \
	talk/pane.o \
	talk/party.o \
	talk/peer.o \
	talk/post.o \
	talk/resolve.o \
	talk/retype.o \
	talk/ring.o \
	talk/screen.o \
	talk/session.o \
	talk/settings.o \
	talk/signals.o \
	talk/socket.o \
	talk/split.o \
	talk/talkrc.o \
	talk/terminal.o \
	talk/transcript.o \
	talk/turn.o \
	talk/verdict.o \
	talk/view.o \
	talk/waiting.o

# What puts the programs on terminals of their own and reads their screens.
STAGE_OBJS = \
	tests/actor.o \
	tests/daemons.o \
	tests/emulator.o \
	tests/foreground.o \
	tests/keeper.o \
	tests/page.o \
	tests/partner.o \
	tests/picture.o \
	tests/sight.o \
	tests/stage.o

# What several tests share; of these alone cmocka is needed.
CAST_OBJS = \
	tests/abreast.o \
	tests/calling.o \
	tests/company.o \
	tests/folder.o \
	tests/host.o \
	tests/lan.o \
	tests/local.o \
	tests/pair.o \
	tests/postbox.o \
	tests/puppet.o \
	tests/question.o \
	tests/relay.o \
	tests/scenes.o \
	tests/seat.o \
	tests/seeds.o \
	tests/shortage.o \
	tests/stranger.o \
	tests/weather.o \
	tests/wire.o

# What `make bench` measures, and with what.
BENCH_OBJS = \
	tests/apart.o \
	tests/bench_calls.o \
	tests/bench_messages.o \
	tests/bench_rings.o \
	tests/bench_start.o \
	tests/bench_talk.o \
	tests/measure.o \
	tests/subject.o

# One program a module, then those that play the programs themselves.
TESTS = \
	tests/test_address \
	tests/test_extension \
	tests/test_here \
	tests/test_msp \
	tests/test_ntalk \
	tests/test_otalk \
	tests/test_owner \
	tests/test_person \
	tests/test_rule \
	tests/test_text \
	tests/test_datagram \
	tests/test_datagram_single \
	tests/test_siphash \
	tests/test_chains \
	tests/test_log \
	tests/test_sandbox \
	tests/test_invitations \
	tests/test_rendezvous \
	tests/test_users \
	tests/test_changes \
	tests/test_terminals \
	tests/test_whynot \
	tests/test_deliver \
	tests/test_names \
	tests/test_limits \
	tests/test_confirm \
	tests/test_rules \
	tests/test_access \
	tests/test_senders \
	tests/test_ringer \
	tests/test_audience \
	tests/test_duplicates \
	tests/test_notice \
	tests/test_streams \
	tests/test_buffer \
	tests/test_turn \
	tests/test_daemon \
	tests/test_call \
	tests/test_call_daemons \
	tests/test_call_invited \
	tests/test_meeting \
	tests/test_party \
	tests/test_loss \
	tests/test_invitation \
	tests/test_callers \
	tests/test_peer \
	tests/test_keyboard \
	tests/test_keys \
	tests/test_compose \
	tests/test_retype \
	tests/test_pane \
	tests/test_view \
	tests/test_heading \
	tests/test_screen \
	tests/test_terminal \
	tests/test_split \
	tests/test_random \
	tests/test_signals \
	tests/test_resolve \
	tests/test_options \
	tests/test_talkrc \
	tests/test_transcript \
	tests/test_verdict \
	tests/test_waiting \
	tests/test_dial \
	tests/test_courier \
	tests/test_draft \
	tests/test_letter \
	tests/test_delivery \
	tests/test_broadcast \
	tests/test_emulator \
	tests/test_seeds \
	tests/test_talkd \
	tests/test_extended \
	tests/test_talkd_msp \
	tests/test_flood \
	tests/test_talkd_rules \
	tests/test_sitting \
	tests/test_threats \
	tests/test_ringing \
	tests/test_conversation \
	tests/test_stream \
	tests/test_lines \
	tests/test_answering \
	tests/test_usage \
	tests/test_completion \
	tests/test_endings \
	tests/test_notes \
	tests/test_demo \
	tests/test_faults \
	tests/test_soak \
	tests/test_soak_talkd

# As root, on several hosts.
LAN_TESTS = \
	tests/test_crowd \
	tests/test_lan \
	tests/test_lan6 \
	tests/test_peers \
	tests/test_weather

SCRIPTS = \
	talkd/debian/talk.postinst \
	talkd/debian/talk.preinst \
	talkd/debian/talk.prerm \
	tests/coverage.sh \
	tests/elsewhere/check.sh \
	tests/elsewhere/source.sh \
	tests/fuzz.sh \
	tests/lan/hosts.sh \
	tests/lan/login \
	tests/lan/on \
	tests/package/check.sh \
	tests/package/inside.sh \
	tests/peers/fetch.sh \
	tests/peers/serve

SOURCES = common/*.[ch] talkd/*.[ch] talk/*.[ch] tests/*.[ch]

HEADERS = \
	common/*.h \
	talkd/*.h \
	talk/*.h \
	tests/*.h

PAGES = talk.1 talkd.8 ntalk.5

# ----------------------------------------------------------------- build ---

all: talk/talk talkd/talkd

.SUFFIXES:
.SUFFIXES: .c .o .fo .fuzz .planted .replay

.c.o:
	$(COMPILE) -c -o $@ $<

talk/talk: talk/main.o $(TALK_OBJS) $(COMMON_OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ talk/main.o $(TALK_OBJS) \
		$(COMMON_OBJS) $(LDLIBS)

talkd/talkd: talkd/main.o $(TALKD_OBJS) $(COMMON_OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ talkd/main.o $(TALKD_OBJS) \
		$(COMMON_OBJS) $(LDLIBS)

# ------------------------------------------------------------------ test ---

# A program to run each test under: RUN=valgrind.  AGAIN in the environment is
# one that gives what fails another try.
RUN =

ROOMS = $(COMMON_OBJS) $(TALKD_OBJS) $(TALK_OBJS) $(STAGE_OBJS)

# FUZZERS, and what else is run in a world of the tests' own.
include tests/fuzz.mk

tests/rooms.a: $(ROOMS)
	rm -f $@
	$(AR) -rc $@ $(ROOMS)

tests/cast.a: $(CAST_OBJS)
	rm -f $@
	$(AR) -rc $@ $(CAST_OBJS)

.c:
	$(COMPILE) $(LDFLAGS) -o $@ $< tests/cast.a tests/rooms.a -lcmocka \
		$(LDLIBS)

$(TESTS) $(LAN_TESTS): tests/cast.a tests/rooms.a $(HEADERS)

# Loaded before the programs.  It must neither be checked itself, nor define
# what _FORTIFY_SOURCE puts in its place.
tests/faults.so: tests/faults.c tests/faults.h
	$(COMPILE) -U_FORTIFY_SOURCE -fno-sanitize=all -fPIC -shared -o $@ \
		tests/faults.c

tests/test_faults: tests/faults.so

# The same tests of what systems other than Linux have.
tests/test_datagram_single: tests/test_datagram.c talkd/datagram.c
	$(COMPILE) -DDATAGRAM_ONE_BY_ONE $(LDFLAGS) -o $@ \
		tests/test_datagram.c talkd/datagram.c tests/cast.a \
		tests/rooms.a -lcmocka $(LDLIBS)

# The user's umask and input, and a DNS that is silent, make no difference.
check: all tests/demo $(TESTS) $(FUZZERS)
	@umask 022; exec </dev/null; RES_OPTIONS='attempts:1 timeout:1'; \
	export RES_OPTIONS; failed=; for test in $(TESTS); do \
		$$AGAIN $(RUN) $$test || failed="$$failed $$test"; \
	done; \
	for replay in $(FUZZERS); do \
		name=$${replay#tests/fuzz_}; \
		$$AGAIN $(RUN) $$replay tests/seeds/$${name%.replay} || \
			failed="$$failed $$replay"; \
	done; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

# The daemon under traffic for longer.
SOAK_SECONDS = 60

soak: all tests/test_soak tests/test_soak_talkd
	tests/test_soak
	SOAK_SECONDS=$(SOAK_SECONDS) tests/test_soak_talkd

# Every fault of every call, where make check has some.
faults: all tests/test_faults
	FAULTS_ALL=1 $$AGAIN tests/test_faults

# Hosts in network namespaces, by root.
check-lan: all tests/test_crowd tests/test_lan tests/test_lan6 \
		tests/test_weather
	$$AGAIN tests/test_lan
	$$AGAIN tests/test_lan6
	$$AGAIN tests/test_weather
	$$AGAIN tests/test_crowd

# The same with the talks, talkds and inetds that Debian ships.
check-peers: all tests/test_peers
	$$AGAIN tests/test_peers

# The tests for another C library, and on machines that have integers of 32 bits
# and those that have them high byte first.
check-musl:
	tests/elsewhere/check.sh musl

check-m32:
	tests/elsewhere/check.sh m32

check-s390x:
	tests/elsewhere/check.sh s390x

# Debian's package installed, used and purged, by root.
check-package: deb
	tests/package/check.sh deb/talk_[0-9]*.deb

# Which lines of the programs no test reaches, with clang and llvm.
coverage:
	@MAKE='$(MAKE)' tests/coverage.sh

# ----------------------------------------------------------- demo, bench ---

demo: all tests/demo
	@tests/demo

tests/demo: tests/demo.c tests/rooms.a
	$(COMPILE) $(LDFLAGS) -o $@ tests/demo.c tests/rooms.a $(LDLIBS)

bench: all tests/bench tests/echo
	@tests/bench

tests/bench: tests/bench.o $(BENCH_OBJS) tests/rooms.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ tests/bench.o $(BENCH_OBJS) \
		tests/rooms.a $(LDLIBS)

tests/echo: tests/echo.c
	$(COMPILE) $(LDFLAGS) -o $@ tests/echo.c

# What analyses the sources, beside clang-tidy, which has the checks of clang's
# analyzer (.clang-tidy, tests/.clang-tidy).  gcc's 12 loses sight of memory
# that is handed on in a struct, and calls it a leak: clang's sees to leaks.
ANALYZE = -std=c11 -I. -D_POSIX_C_SOURCE=200809L
GCC_ANALYZER = gcc $(ANALYZE) -O1 -fanalyzer -Wno-analyzer-malloc-leak \
	-Wno-analyzer-file-leak -c -o /dev/null

# Of tests it knows where they end; that header comes before the test's own
# feature macros, and needs the same.  gcc's takes a struct that was returned
# for unset; again clang's sees to that.
ANALYZE_TEST = -include tests/lint.h -D_GNU_SOURCE= \
	-Wno-analyzer-use-of-uninitialized-value

# Other systems' pages need not be there to be referred to.
lint:
	cd man && ! mandoc -Tlint $(PAGES) 2>&1 | grep -v \
		-e 'referenced manual not found' -e 'outdated mandoc.db'
	clang-format --dry-run --Werror $(SOURCES)
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,style,performance,portability \
		--suppressions-list=tests/cppcheck.txt \
		-I. -D_POSIX_C_SOURCE=200809L common talkd talk tests
	for source in common/*.c talkd/*.c talk/*.c tests/*.c; do \
		case $$source in \
		tests/test_*) more='$(ANALYZE_TEST)' ;; \
		*) more= ;; \
		esac; \
		! $(GCC_ANALYZER) $$more $$source 2>&1 | \
			grep -A 40 -e -Wanalyzer && \
		clang-tidy --quiet $$source -- $(ANALYZE) $$more \
			2>/dev/null || exit 1; \
	done
	shellcheck .ci/run talk/talk.bash $(SCRIPTS)
	# What is for other systems, as far as Linux's headers go.
	$(COMPILE) -Werror -fsyntax-only -U__linux__ \
		-DIP_RECVDSTADDR=IP_PKTINFO common/*.c talkd/*.c talk/*.c

# --------------------------------------------------------------- install ---

install: all
	mkdir -p $(DESTDIR)$(BINDIR) $(DESTDIR)$(SBINDIR) \
		$(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 \
		$(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(UNITDIR) \
		$(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR)
	install -m 755 talk/talk $(DESTDIR)$(BINDIR)/talk
	install -m 755 talkd/talkd $(DESTDIR)$(SBINDIR)/talkd
	install -m 644 man/talk.1 $(DESTDIR)$(MANDIR)/man1/talk.1
	install -m 644 man/ntalk.5 $(DESTDIR)$(MANDIR)/man5/ntalk.5
	install -m 644 man/talkd.8 $(DESTDIR)$(MANDIR)/man8/talkd.8
	install -m 644 talkd/talkd.socket $(DESTDIR)$(UNITDIR)/talkd.socket
	sed 's|/usr/local/sbin|$(SBINDIR)|' talkd/talkd.service \
		>$(DESTDIR)$(UNITDIR)/talkd.service
	install -m 644 talk/talk.bash $(DESTDIR)$(BASHDIR)/talk
	install -m 644 talk/_talk $(DESTDIR)$(ZSHDIR)/_talk

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/talk $(DESTDIR)$(SBINDIR)/talkd \
		$(DESTDIR)$(MANDIR)/man1/talk.1 \
		$(DESTDIR)$(MANDIR)/man5/ntalk.5 \
		$(DESTDIR)$(MANDIR)/man8/talkd.8 \
		$(DESTDIR)$(UNITDIR)/talkd.socket \
		$(DESTDIR)$(UNITDIR)/talkd.service \
		$(DESTDIR)$(BASHDIR)/talk \
		$(DESTDIR)$(ZSHDIR)/_talk

# A package for Debian, as deb/talk_*.deb; needs dpkg-dev and debhelper.
deb:
	rm -rf deb
	mkdir -p deb/talk
	cp -R LICENSE Makefile README common man talk talkd tests deb/talk
	mv deb/talk/talkd/debian deb/talk/debian
	cd deb/talk && dpkg-buildpackage -us -uc -b

clean:
	rm -f talk/talk talkd/talkd tests/demo tests/bench tests/echo $(TESTS) \
		$(LAN_TESTS) tests/faults.so tests/corpus $(FUZZERS) \
		$(FUZZERS:.replay=.fuzz) $(FUZZERS:.replay=.planted) \
		tests/*.a */*.o */*.fo
	rm -rf coverage deb tests/fuzzing

# Every object is built anew when a header changes: there are few, and none
# is forgotten.
$(ROOMS) $(CAST_OBJS) tests/bench.o $(BENCH_OBJS) talk/main.o talkd/main.o: \
	$(HEADERS)

.PHONY: all bench check check-lan check-m32 check-musl check-package \
	check-peers check-s390x clean coverage deb demo faults fuzz fuzz-proof \
	install lint soak uninstall
