/* The maps, and how the stack of a birth is read in each language. */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32); /* tgid */
	__type(value, u64); /* image */
	__uint(max_entries, 16384);
} targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u64);
	__type(value, struct image);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} images SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u64); /* struct sock * */
	__type(value, struct birth);
	__uint(max_entries, 131072);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} births SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, u64); /* of stacks that were sent */
	__type(value, u8);
	__uint(max_entries, 16384);
} sent SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, u32);
	__type(value, struct stack);
	__uint(max_entries, 1);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, enum count);
	__type(value, u64);
	__uint(max_entries, COUNTS);
} counts SEC(".maps");

inline void count(enum count what)
{
	u64 *n = bpf_map_lookup_elem(&counts, &what);

	if (n)
		__sync_fetch_and_add(n, 1);
}

/* traced returns the image of the current process; null where it is none of ours. */
inline u64 *traced(void)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;

	return bpf_map_lookup_elem(&targets, &tgid);
}

/* word reads a word of the program's memory: 0 where that cannot be read. */
inline u64 word(u64 at)
{
	u64 v = 0;

	bpf_probe_read_user(&v, sizeof(v), (void *)at);
	return v;
}

inline u64 mix(u64 hash, u64 v)
{
	hash = (hash ^ v) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

inline int push(struct stack *s, u64 v)
{
	if (s->words >= MAX_WORDS)
		return 0;
	s->data[s->words++] = v;
	s->key = mix(s->key, v);
	return 1;
}

struct search {
	u64 at, wanted, offset, found;
	struct image *image;
};

/* goroutine is called for each element of runtime.allgs. */
static long goroutine(u32 i, struct search *s)
{
	u64 g = word(s->at + 8 * (u64)i);

	if (word(g + s->offset) != s->wanted)
		return 0;
	s->found = g;
	return 1;
}

struct walk {
	struct stack *stack;
	struct image *image;
	u64 at, low, high, low2, high2;
};

/* go_frame pushes a return address, and goes on to the frame outside of it. */
static long go_frame(u32 i, struct walk *w)
{
	u64 frame[2]; /* the caller's frame pointer, the return address */

	if (w->at < w->low || w->at >= w->high || bpf_probe_read_user(frame, sizeof(frame), (void *)w->at) || !frame[1])
		return 1;
	if (!push(w->stack, frame[1]) || frame[0] <= w->at)
		return 1;
	w->at = frame[0];
	return 0;
}

inline void follow_frame_pointers(struct stack *s, u64 bp, u64 low, u64 high)
{
	struct walk w = {.stack = s, .at = bp, .low = low, .high = high};

	bpf_loop(MAX_FRAMES, go_frame, &w, 0);
}

inline int waits_for(struct golang *go, u64 start)
{
	int found = 0;

	for (int i = 0; i < MAX_STARTS; i++)
		found |= start && go->starts[i] == start;
	return found;
}

/* go_stack pushes the stack of a goroutine, and behind a zero each that of the
 * one which waits for it. It returns 0 where the thread is on no goroutine's
 * stack, as in C code.
 */
inline int go_stack(struct stack *s, struct image *image)
{
	struct golang *go = &image->golang;
	u64 g = s->r14, low = word(g), high = word(g + 8), start;
	struct search parent = {.at = word(go->allgs), .offset = go->goid};

	if (!low || s->sp < low || s->sp >= high)
		return 0;
	push(s, s->ip);
	follow_frame_pointers(s, s->bp, s->sp, high);
	for (int i = 0; i < MAX_ANCESTORS; i++) {
		s->creator = word(g + go->gopc);
		start = word(g + go->gopc + 16);
		if (!go->allgs || !waits_for(go, start))
			break;
		parent.wanted = word(g + go->gopc - 8);
		parent.found = 0;
		u64 n = word(go->allgs + 8);
		bpf_loop(n < MAX_GOROUTINES ? n : MAX_GOROUTINES, goroutine, &parent, 0);
		g = parent.found;
		if (!g || (u32)word(g + go->status) != 4) /* _Gwaiting */
			break;
		push(s, 0);
		push(s, word(g + go->pc));
		follow_frame_pointers(s, word(g + go->bp), word(g), word(g + 8));
	}
	s->key = mix(s->key, s->creator);
	return 1;
}

/* thread_state is called for each thread of each interpreter. */
static long thread_state(u32 i, struct search *s)
{
	struct python *py = &s->image->python;

	if (!s->at) {
		s->offset = s->offset ? word(s->offset + py->interpreter_next) : word(py->runtime + py->interpreters);
		if (!s->offset)
			return 1;
		s->at = word(s->offset + py->threads);
		return 0;
	}
	if (word(s->at + py->pthread) == s->wanted) {
		s->found = s->at;
		return 1;
	}
	s->at = word(s->at + py->thread_next);
	return 0;
}

/* python_frame pushes the code object and the instruction of a frame. */
static long python_frame(u32 i, struct walk *w)
{
	struct python *py = &w->image->python;

	if (!w->at)
		return 1;
	push(w->stack, word(w->at + py->code));
	push(w->stack, word(w->at + py->instruction));
	w->at = word(w->at + py->previous);
	return 0;
}

inline int python_stack(struct stack *s, struct image *image)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct python *py = &image->python;
	struct search thread = {.wanted = BPF_CORE_READ(task, thread.fsbase), .image = image};
	struct walk w = {.stack = s, .image = image};

	bpf_loop(MAX_THREADS, thread_state, &thread, 0);
	if (!thread.found)
		return 0;
	if (py->cframe)
		thread.found = word(thread.found + py->cframe);
	w.at = word(thread.found + py->frame);
	bpf_loop(MAX_FRAMES, python_frame, &w, 0);
	return s->words > 0;
}

/* room is how many bytes are on a stack from its pointer on, if that is less than
 * most: the kernel began that of the main thread at start_stack, and the C library
 * has the thread's own data, at which fs points, above those of the others.
 */
inline u64 room(u64 sp, u64 most)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	u64 main = BPF_CORE_READ(task, mm, start_stack) - sp, other = BPF_CORE_READ(task, thread.fsbase) - sp;

	if (main < most)
		most = main;
	return other < most ? other : most;
}

inline void copy_stack(struct stack *s)
{
	const u32 chunk = 64;
	u64 bytes = room(s->sp, MAX_WORDS * 8);

	s->words = 0;
	for (u32 i = 0; i < MAX_WORDS && 8 * i < bytes; i += chunk) {
		if (bpf_probe_read_user(&s->data[i], chunk * 8, (void *)(s->sp + 8 * i)))
			break;
		s->words = i + chunk;
	}
}

/* hash_words takes the words of a part of a stack that point into code into its
 * key.
 */
static long hash_words(u32 part, struct walk *w)
{
	u64 key = w->stack->key, *words;

	if (part >= MAX_WORDS / PART)
		return 1;
	words = &w->stack->data[part * PART];
#pragma unroll
	for (int i = 0; i < PART; i++)
		if (words[i] - w->low < w->high || words[i] - w->low2 < w->high2)
			key = mix(key, words[i] ^ (u64)(part * PART + i) << 48);
	w->stack->key = key;
	return 0;
}

/* native_stack copies the stack. Two are the same when the same words at the
 * same places point into code.
 */
inline void native_stack(struct stack *s, struct image *image)
{
	struct walk w = {
		.stack = s,
		.low = image->code_low[0], .high = image->code_high[0] - image->code_low[0],
		.low2 = image->code_low[1], .high2 = image->code_high[1] - image->code_low[1],
	};

	copy_stack(s);
	s->key = mix(mix(s->key, s->ip), s->bp - s->sp);
	bpf_loop(s->words / PART, hash_words, &w, 0);
}

/* send sends a stack, and returns whether there was room for it. */
inline int send(struct stack *s)
{
	u32 words = s->words;

	asm volatile("" : "+r"(words)); /* the verifier shall see one number */
	if (words > MAX_WORDS)
		words = MAX_WORDS;
	return !bpf_ringbuf_output(&stacks, s, sizeof(*s) - sizeof(s->data) + 8 * (u64)words, 0);
}

/* send_image says that a program has begun: a stack without any words. */
inline void send_image(u32 tgid, u64 image)
{
	struct stack *s = bpf_ringbuf_reserve(&stacks, __builtin_offsetof(struct stack, data), 0);

	if (!s)
		return;
	s->key = s->creator = 0;
	s->image = image;
	s->tgid = s->tid = tgid;
	s->kind = KIND_NONE;
	s->words = 0;
	s->ip = s->sp = s->bp = s->bx = s->r12 = s->r13 = s->r14 = s->r15 = 0;
	bpf_ringbuf_submit(s, 0);
}

/* take_stack reads where the current thread is, sends it unless that was done
 * before, and returns its key.
 */
inline u64 take_stack(struct pt_regs *regs, u64 number)
{
	u32 zero = 0;
	u8 one = 1;
	struct stack *s = bpf_map_lookup_elem(&scratch, &zero);
	struct image *image = bpf_map_lookup_elem(&images, &number);
	u64 id = bpf_get_current_pid_tgid();

	if (!s || (image && image->kind == KIND_NONE))
		return 0;
	s->key = mix(0, number);
	s->image = number;
	s->tgid = id >> 32;
	s->tid = id;
	s->words = 0;
	s->creator = 0;
	s->ip = BPF_CORE_READ(regs, ip);
	s->sp = BPF_CORE_READ(regs, sp);
	s->bp = BPF_CORE_READ(regs, bp);
	s->bx = BPF_CORE_READ(regs, bx);
	s->r12 = BPF_CORE_READ(regs, r12);
	s->r13 = BPF_CORE_READ(regs, r13);
	s->r14 = BPF_CORE_READ(regs, r14);
	s->r15 = BPF_CORE_READ(regs, r15);
	if (!image) { /* one that has just begun: what it is, is found out by this */
		s->kind = KIND_NATIVE;
		copy_stack(s);
		s->key = mix(s->key, bpf_ktime_get_boot_ns());
		if (!send(s))
			count(RING_FULL);
		return s->key;
	}
	s->kind = image->kind;
	if (!(s->kind == KIND_GO && go_stack(s, image)) && !(s->kind == KIND_PYTHON && python_stack(s, image))) {
		s->kind = KIND_NATIVE;
		native_stack(s, image);
	}
	if (bpf_map_lookup_elem(&sent, &s->key))
		return s->key;
	if (!send(s)) {
		count(RING_FULL);
		return s->key;
	}
	count(COPIES);
	bpf_map_update_elem(&sent, &s->key, &one, BPF_ANY);
	return s->key;
}
