"""PyTorch's training step, timed as ours is: the peer of `step` with gpt2-small, bert-base, seq2seq-base, txl-base and elmo-table.

usage: peer.py gpt2|bert|seq2seq|txl|elmo SEQUENCES LENGTH f32|tf32|bf16 [compiled]
       peer.py attention SEQUENCES LENGTH bf16     causal attention of 12 heads of 64, forward and back, by flash attention and by cuDNN
bf16 is autocast over f32 weights.
"""
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

LAYERS, HEADS, WIDTH, CONTEXT, VOCABULARY = 12, 12, 768, 1024, 50304  # the table padded, as ours is in memory
RECURRENT_VOCABULARY, RECURRENT_WIDTH, CELLS = 8192, 512, 4096
SEQ2SEQ_VOCABULARY, SEQ2SEQ_SIDE = 37000, {"layers": 6, "attention_heads": 8, "ffn_dim": 2048}
WARMUPS, RUNS = 5, 12


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        batch, length, _ = x.shape
        q, k, v = (
            part.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2) for part in self.qkv(self.ln1(x)).split(WIDTH, dim=2)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(batch, length, WIDTH))
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate="tanh"))


class Gpt2(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens, targets):
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1))


class Bert(nn.Module):
    """Hugging Face's BERT; only predicted rows reach the vocabulary."""

    def __init__(self):
        super().__init__()
        from transformers import BertConfig, BertForPreTraining

        config = BertConfig(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="sdpa")
        self.model = BertForPreTraining(config)

    def forward(self, tokens, rows, truth, following):
        states, pooled = self.model.bert(tokens, return_dict=False)
        logits = self.model.cls.predictions(states.flatten(0, 1)[rows])
        return F.cross_entropy(logits, truth) + F.cross_entropy(self.model.cls.seq_relationship(pooled), following)


class Seq2Seq(nn.Module):
    """Hugging Face's Marian in the base model's shape."""

    def __init__(self):
        super().__init__()
        from transformers import MarianConfig, MarianMTModel

        sides = {f"{side}_{what}": size for side in ("encoder", "decoder") for what, size in SEQ2SEQ_SIDE.items()}
        config = MarianConfig(
            vocab_size=SEQ2SEQ_VOCABULARY, d_model=512, **sides, activation_function="relu", scale_embedding=True, dropout=0.0,
            attention_dropout=0.0, pad_token_id=SEQ2SEQ_VOCABULARY - 1, decoder_start_token_id=SEQ2SEQ_VOCABULARY - 1, eos_token_id=0,
            attn_implementation="sdpa",
        )
        self.model = MarianMTModel(config)

    def forward(self, source, tokens, targets):
        logits = self.model(source, decoder_input_ids=tokens, use_cache=False).logits
        return F.cross_entropy(logits.view(-1, SEQ2SEQ_VOCABULARY), targets.view(-1))


class RelativeBlock(nn.Module):
    """A layer of Transformer-XL; the shift of the distances is a view, as in the original."""

    def __init__(self):
        super().__init__()
        width = RECURRENT_WIDTH
        self.qkv, self.r = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, memory, distances, u, v, hidden):
        batch, length, width = x.shape
        keys, heads = length + memory.shape[1], 8

        def split(part):
            return part.view(batch, -1, heads, width // heads).transpose(1, 2)

        q, k, value = (split(part) for part in self.qkv(torch.cat([memory, x], 1)).split(width, dim=2))
        q = q[:, :, -length:]
        r = self.r(distances).view(keys, heads, width // heads).transpose(0, 1)
        far = (q + v) @ r.transpose(1, 2)
        far = F.pad(far, (1, 0)).view(batch, heads, keys + 1, length)[:, :, 1:].reshape(batch, heads, length, keys)
        scores = ((q + u) @ k.transpose(2, 3) + far) * (width // heads) ** -0.5
        y = scores.masked_fill(hidden, float("-inf")).softmax(-1) @ value
        x = self.ln1(x + self.out(y.transpose(1, 2).reshape(batch, length, width)))
        return self.ln2(x + self.down(F.relu(self.up(x))))


class TransformerXL(nn.Module):
    """Transformer-XL of enwik8's size, whose memory is as long as the segment."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(RECURRENT_VOCABULARY, RECURRENT_WIDTH)
        self.blocks = nn.ModuleList(RelativeBlock() for _ in range(LAYERS))
        self.u, self.v = (nn.Parameter(torch.zeros(8, 1, RECURRENT_WIDTH // 8)) for _ in range(2))
        self.bias = nn.Parameter(torch.zeros(RECURRENT_VOCABULARY))
        nn.init.normal_(self.tokens.weight, std=0.02)

    def forward(self, tokens, targets):
        batch, length = tokens.shape
        x = self.tokens(tokens) * RECURRENT_WIDTH**0.5
        memory = torch.zeros_like(x)
        positions = torch.arange(2 * length - 1, -1, -1.0, device=x.device)
        angles = torch.outer(positions, 10000 ** (-torch.arange(0, RECURRENT_WIDTH, 2, device=x.device) / RECURRENT_WIDTH))
        distances = torch.cat([angles.sin(), angles.cos()], -1)
        hidden = torch.ones(length, 2 * length, dtype=torch.bool, device=x.device).triu(length + 1)
        for block in self.blocks:
            x = block(x, memory, distances, self.u, self.v, hidden)
        logits = F.linear(x, self.tokens.weight, self.bias)
        return F.cross_entropy(logits.view(-1, RECURRENT_VOCABULARY), targets.view(-1))


class Elmo(nn.Module):
    """ELMo's LSTMs over a table of tokens; PyTorch has no clipping of cells and outputs, which ours does."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(RECURRENT_VOCABULARY, RECURRENT_WIDTH)
        self.directions = nn.ModuleList(
            nn.ModuleList(nn.LSTM(RECURRENT_WIDTH, CELLS, proj_size=RECURRENT_WIDTH, batch_first=True) for _ in range(2)) for _ in range(2)
        )
        self.softmax = nn.Linear(RECURRENT_WIDTH, RECURRENT_VOCABULARY)

    def forward(self, tokens, targets):
        total = 0
        for first_layer, second_layer in self.directions:
            first = first_layer(self.tokens(tokens))[0]
            states = second_layer(first)[0] + first
            total = total + F.cross_entropy(self.softmax(states).reshape(-1, RECURRENT_VOCABULARY), targets.view(-1)) / 2
        return total


def work(kind, sequences, length):
    def draw(*shape, below=30522):
        return torch.randint(0, below, shape, device="cuda")

    if kind == "gpt2":
        tokens = draw(sequences, length)
        return Gpt2().cuda(), (tokens, tokens)
    if kind in ("txl", "elmo"):
        return (TransformerXL() if kind == "txl" else Elmo()).cuda(), tuple(draw(sequences, length, below=RECURRENT_VOCABULARY) for _ in range(2))
    if kind == "seq2seq":
        return Seq2Seq().cuda(), tuple(draw(sequences, length) for _ in range(3))
    rows = torch.randperm(sequences * length, device="cuda")[: sequences * length * 15 // 100].sort().values
    return Bert().cuda(), (draw(sequences, length), rows, draw(len(rows)), draw(sequences, below=2))


def attention(sequences, length):
    from torch.nn.attention import SDPBackend, sdpa_kernel

    shape = sequences, length, HEADS, WIDTH // HEADS
    packed = torch.randn(sequences, length, 3 * WIDTH, device="cuda", dtype=torch.bfloat16, requires_grad=True)
    q, k, v = (part.view(shape).transpose(1, 2) for part in packed.split(WIDTH, dim=2))
    dy = torch.randn_like(q)
    products = 1e-9 * sequences * length * length * WIDTH  # half of a product of all queries and keys
    for backend in (SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION):
        forward, backward = [], []
        with sdpa_kernel(backend):
            for _ in range(WARMUPS + RUNS):
                marks = [torch.cuda.Event(enable_timing=True) for _ in range(3)]
                marks[0].record()
                y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                marks[1].record()
                torch.autograd.grad(y, (q, k, v), dy)
                marks[2].record()
                marks[2].synchronize()
                forward.append(marks[0].elapsed_time(marks[1]))
                backward.append(marks[1].elapsed_time(marks[2]))
        there, back = statistics.median(forward[WARMUPS:]), statistics.median(backward[WARMUPS:])
        print(
            f"PyTorch {torch.__version__} {backend.name}, {sequences} x {length}: forward {there:.3f} ms, {2 * products / there:.0f} TFLOP/s; "
            f"backward {back:.3f} ms, {5 * products / back:.0f} TFLOP/s"
        )


def main():
    if sys.argv[1:2] == ["attention"] and len(sys.argv) == 5 and sys.argv[4] == "bf16":
        return attention(int(sys.argv[2]), int(sys.argv[3]))
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    kind, sequences, length, precision = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if kind not in ("gpt2", "bert", "seq2seq", "txl", "elmo") or precision not in ("f32", "tf32", "bf16") or sys.argv[5:] not in ([], ["compiled"]):
        sys.exit(__doc__)
    torch.set_float32_matmul_precision("highest" if precision == "f32" else "high")
    torch.backends.cudnn.allow_tf32 = precision != "f32"
    torch.backends.cuda.enable_cudnn_sdp(True)
    torch.manual_seed(1)
    model, batch = work(kind, sequences, length)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    run = torch.compile(model) if sys.argv[5:] else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cuda", torch.bfloat16, enabled=precision == "bf16"):
            loss = run(*batch)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        optimizer.step()
        return loss

    begun = time.perf_counter()
    for _ in range(WARMUPS):
        loss = step()
    loss.item()
    ready = time.perf_counter() - begun
    times = []
    for _ in range(RUNS):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        loss = step()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    middle = statistics.median(times)
    form = "compiled" if sys.argv[5:] else "eager"
    print(
        f"PyTorch {torch.__version__} {kind} {form}, {sequences} x {length}, {precision}: {min(times):.2f} / {middle:.2f} ms, "
        f"{sequences * length / middle * 1e3:.0f} tokens/s, loss {loss.item():.4f}, "
        f"{torch.cuda.max_memory_allocated() / 1e9:.2f} GB at most, warm after {ready:.1f} s"
    )


main()
