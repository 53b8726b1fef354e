"""PyTorch's training step, timed as ours is: the peer of `step gpt2-small`, `step bert-base` and `step seq2seq-base`.

usage: peer.py gpt2|bert|seq2seq SEQUENCES LENGTH f32|tf32|bf16 [compiled]
bf16 is autocast over f32 weights.
"""
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

LAYERS, HEADS, WIDTH, CONTEXT, VOCABULARY = 12, 12, 768, 1024, 50304  # the table padded, as ours is in memory
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


def work(kind, sequences, length):
    def draw(*shape, below=30522):
        return torch.randint(0, below, shape, device="cuda")

    if kind == "gpt2":
        tokens = draw(sequences, length)
        return Gpt2().cuda(), (tokens, tokens)
    if kind == "seq2seq":
        return Seq2Seq().cuda(), tuple(draw(sequences, length) for _ in range(3))
    rows = torch.randperm(sequences * length, device="cuda")[: sequences * length * 15 // 100].sort().values
    return Bert().cuda(), (draw(sequences, length), rows, draw(len(rows)), draw(sequences, below=2))


def main():
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    kind, sequences, length, precision = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if kind not in ("gpt2", "bert", "seq2seq") or precision not in ("f32", "tf32", "bf16") or sys.argv[5:] not in ([], ["compiled"]):
        sys.exit(__doc__)
    torch.set_float32_matmul_precision("highest" if precision == "f32" else "high")
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
