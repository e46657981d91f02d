# What is fuzzed, and what has the daemon or the client in a world of the tests'
# own: a part of the Makefile.

# ----------------------------------------------------------------- files ---

# Each is fuzzed by `make fuzz`, and by `make check` given what is known.
FUZZERS = \
	$(CLIENT_FUZZERS) \
	tests/fuzz_extension.replay \
	tests/fuzz_msp.replay \
	tests/fuzz_notice.replay \
	tests/fuzz_ntalk.replay \
	tests/fuzz_otalk.replay \
	tests/fuzz_person.replay \
	tests/fuzz_rules.replay \
	tests/fuzz_screen.replay \
	tests/fuzz_talkd.replay \
	tests/fuzz_talkrc.replay \
	tests/fuzz_text.replay \
	tests/fuzz_typing.replay

# Those that have the client in a network of their own, in memory.
CLIENT_FUZZERS = \
	tests/fuzz_call.replay \
	tests/fuzz_callers.replay \
	tests/fuzz_courier.replay \
	tests/fuzz_peer.replay

# What fuzzers share, beside the rooms.
FUZZ_OBJS = \
	tests/fuzz.o

# What the client's share besides, in the place of the system's sockets.
WORLD_OBJS = \
	tests/clean.o \
	tests/rogue.o \
	tests/user.o \
	tests/world.o

# The daemon's rooms in one process, and what stands in for the system.
INSIDE_ROOMS = $(COMMON_OBJS) $(TALKD_OBJS)
INSIDE_OBJS = \
	tests/inside.o \
	tests/inside_calls.o \
	tests/inside_hosts.o \
	tests/inside_memory.o \
	tests/inside_place.o \
	tests/inside_watch.o \
	tests/inside_wire.o

# ----------------------------------------------------------------- build ---

# Objects of these flags end in .fo, and so keep apart from all others.  With
# AFL++ in place of libFuzzer: FUZZ_CC=afl-clang-fast.
FUZZ_CC = clang
FUZZ_CFLAGS = -O1 -g -U_FORTIFY_SOURCE -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_COMPILE = $(FUZZ_CC) -std=c11 $(WARN) $(CPPFLAGS) $(FUZZ_CFLAGS)
FUZZ_LINK = $(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(LDFLAGS)

# How long each is run, and which; NAME is that of tests/fuzz_NAME.c.
FUZZ_SECONDS = 60
FUZZ_NAMES = `echo $(FUZZERS:.replay=) | sed 's|tests/fuzz_||g'`

fuzz: $(FUZZERS:.replay=.fuzz) tests/corpus
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz.sh run $(FUZZ_NAMES)

# Each has to find a fault that is planted for it, in that time at the most.
fuzz-proof: $(FUZZERS:.replay=.planted) tests/corpus
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz.sh prove $(FUZZ_NAMES)

.c.fo:
	$(FUZZ_COMPILE) -c -o $@ $<

tests/fuzz.a: $(ROOMS:.o=.fo) $(FUZZ_OBJS:.o=.fo)
	rm -f $@
	$(AR) -rc $@ $(ROOMS:.o=.fo) $(FUZZ_OBJS:.o=.fo)

.fo.fuzz:
	$(FUZZ_LINK) -o $@ $< tests/fuzz.a $(LDLIBS)

# What the planted object has as __wrap_X is called in the place of X.
.fo.planted:
	wraps=`nm -P $*_planted.fo | \
		sed -n 's/^__wrap_\([^ ]*\) T.*/-Wl,--wrap=\1/p'`; \
	$(FUZZ_LINK) $$wraps -o $@ $< $*_planted.fo tests/fuzz.a $(LDLIBS)

$(FUZZERS:.replay=.fuzz): tests/fuzz.a

$(FUZZERS:.replay=.planted): $(FUZZERS:.replay=_planted.fo) tests/fuzz.a

# The same with any compiler, for the inputs in tests/seeds.
REPLAY_OBJS = tests/replay.o tests/seeds.o $(FUZZ_OBJS)

.o.replay:
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(REPLAY_OBJS) tests/rooms.a \
		$(LDLIBS)

$(FUZZERS): $(REPLAY_OBJS) tests/rooms.a

# The client's, likewise, with their network in the place of the system's.
$(CLIENT_FUZZERS:.replay=.fuzz): $(CLIENT_FUZZERS:.replay=.fo) \
		$(WORLD_OBJS:.o=.fo)
	name=$@; $(FUZZ_LINK) -o $@ $${name%.fuzz}.fo $(WORLD_OBJS:.o=.fo) \
		tests/fuzz.a $(LDLIBS)

$(CLIENT_FUZZERS:.replay=.planted): $(CLIENT_FUZZERS:.replay=.fo) \
		$(WORLD_OBJS:.o=.fo)
	name=$@; name=$${name%.planted}; \
	wraps=`nm -P $${name}_planted.fo | \
		sed -n 's/^__wrap_\([^ ]*\) T.*/-Wl,--wrap=\1/p'`; \
	$(FUZZ_LINK) $$wraps -o $@ $$name.fo $${name}_planted.fo \
		$(WORLD_OBJS:.o=.fo) tests/fuzz.a $(LDLIBS)

$(CLIENT_FUZZERS): $(CLIENT_FUZZERS:.replay=.o) $(WORLD_OBJS)
	name=$@; $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $${name%.replay}.o \
		$(WORLD_OBJS) $(REPLAY_OBJS) tests/rooms.a $(LDLIBS)

# The daemon's rooms once more, but those that the tests' own stand in for;
# their calls to the system are the tests', too.
tests/inside.a: $(INSIDE_ROOMS) $(INSIDE_OBJS) tests/inside.names
	rm -f $@
	$(AR) -rc $@ $(INSIDE_ROOMS)
	$(AR) -d $@ changes.o datagram.o names.o owner.o utmp.o
	$(OBJCOPY) --redefine-syms=tests/inside.names $@
	$(AR) -rc $@ $(INSIDE_OBJS)

tests/inside_fuzz.a: $(INSIDE_ROOMS:.o=.fo) $(INSIDE_OBJS:.o=.fo) \
		tests/inside.names
	rm -f $@
	$(AR) -rc $@ $(INSIDE_ROOMS:.o=.fo)
	$(AR) -d $@ changes.fo datagram.fo names.fo owner.fo utmp.fo
	$(OBJCOPY) --redefine-syms=tests/inside.names $@
	$(AR) -rc $@ $(INSIDE_OBJS:.o=.fo)

tests/fuzz_talkd.replay: tests/fuzz_talkd.o tests/inside.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ tests/fuzz_talkd.o $(REPLAY_OBJS) \
		tests/inside.a tests/inside.ld $(LDLIBS)

tests/fuzz_talkd.fuzz: tests/fuzz_talkd.fo tests/inside_fuzz.a
	$(FUZZ_LINK) -o $@ tests/fuzz_talkd.fo tests/inside_fuzz.a \
		tests/fuzz.a tests/inside.ld $(LDLIBS)

tests/fuzz_talkd.planted: tests/fuzz_talkd.fo tests/inside_fuzz.a
	wraps=`nm -P tests/fuzz_talkd_planted.fo | \
		sed -n 's/^__wrap_\([^ ]*\) T.*/-Wl,--wrap=\1/p'`; \
	$(FUZZ_LINK) $$wraps -o $@ tests/fuzz_talkd.fo \
		tests/fuzz_talkd_planted.fo tests/inside_fuzz.a \
		tests/fuzz.a tests/inside.ld $(LDLIBS)

tests/test_soak: tests/test_soak.c tests/inside.a tests/fuzz.o
	$(COMPILE) $(LDFLAGS) -o $@ tests/test_soak.c tests/fuzz.o \
		tests/inside.a tests/inside.ld -lcmocka $(LDLIBS)

tests/corpus: tests/corpus.o tests/seeds.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ tests/corpus.o tests/seeds.o

# As in the Makefile, when any header changes.
$(ROOMS:.o=.fo) $(FUZZ_OBJS:.o=.fo) $(FUZZERS:.replay=.fo) \
	$(FUZZERS:.replay=_planted.fo) $(FUZZERS:.replay=.o) $(REPLAY_OBJS) \
	tests/corpus.o $(INSIDE_OBJS) $(INSIDE_OBJS:.o=.fo) \
	$(WORLD_OBJS) $(WORLD_OBJS:.o=.fo): $(HEADERS)
