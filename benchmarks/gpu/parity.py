"""Compares a folder of `parity` with Hugging Face's implementation in float64: the loss and every tensor's gradient.

usage: parity.py FOLDER f32|tf32|bf16
"""
import sys

import torch
import torch.nn.functional as F
from safetensors import safe_open
from transformers import AutoConfig, BertForPreTraining, GPT2LMHeadModel, MarianMTModel

# Relative L2 distance from float64: of rounding alone, with room.
LIMITS = {"f32": 1e-4, "tf32": 2e-2, "bf16": 5e-2}
# A ReLU's gradient jumps: of a layer's four million active ones a single sum that rounding moves across zero weighs 5e-4. The same model with SiLU
# keeps LIMITS (measured: 1.5e-6 in the middle of all tensors, where ReLU has 4e-4).
RELU_LIMIT = 2e-3
# A gradient below this share of the whole one is measured by that: f32 keeps seven digits of the sums that it is the small rest of.
VANISHING = 1e-4


def load(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def gpt2(model, batch, sequences):
    tokens = batch["tokens"].view(sequences, -1)
    logits = model(tokens, use_cache=False).logits
    return F.cross_entropy(logits.view(-1, logits.shape[-1]), batch["targets"])


def bert(model, batch, sequences):
    tokens, types = (batch[name].view(sequences, -1) for name in ("tokens", "types"))
    states, pooled = model.bert(tokens, token_type_ids=types, return_dict=False)
    predictions = model.cls.predictions(states.flatten(0, 1)[batch["predicted_rows"]])
    following = model.cls.seq_relationship(pooled)
    return F.cross_entropy(predictions, batch["predicted_tokens"]) + F.cross_entropy(following, batch["next_labels"])


def marian(model, batch, sequences):
    source, tokens = (batch[name].view(sequences, -1) for name in ("source", "tokens"))
    logits = model(source, decoder_input_ids=tokens, use_cache=False).logits
    return F.cross_entropy(logits.view(-1, logits.shape[-1]), batch["targets"])


KINDS = {"gpt2": (GPT2LMHeadModel, gpt2), "bert": (BertForPreTraining, bert), "marian": (MarianMTModel, marian)}


def gradients(folder, batch, dtype):
    kind, loss_of = KINDS[AutoConfig.from_pretrained(folder).model_type]
    model = kind.from_pretrained(folder, attn_implementation="eager").to(device="cuda", dtype=dtype).eval()
    loss = loss_of(model, batch, sequences=len(batch["lengths"]))
    loss.backward()
    return loss.item(), {name.removeprefix("transformer."): p.grad.double() for name, p in model.named_parameters() if p.grad is not None}


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in LIMITS:
        sys.exit(__doc__)
    folder, precision = sys.argv[1:]
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    batch = {name: tensor.long().cuda() for name, tensor in load(f"{folder}/batch.safetensors")[0].items()}
    ours, metadata = load(f"{folder}/gradients.safetensors")
    ours = {name.removeprefix("transformer."): tensor.double().cuda() for name, tensor in ours.items()}
    config = AutoConfig.from_pretrained(folder)
    limit = max(LIMITS[precision], RELU_LIMIT if getattr(config, "activation_function", "") == "relu" else 0)
    loss, exact = gradients(folder, batch, torch.float64)
    with torch.autocast("cuda", torch.bfloat16, enabled=precision == "bf16"):
        torch_loss, theirs = gradients(folder, batch, torch.float32)
    if ours.keys() != exact.keys():
        sys.exit(f"other tensors: {sorted(ours.keys() ^ exact.keys())}")
    norm = sum(g.square().sum() for g in exact.values()).sqrt()

    def norm_of(values):
        return sum(g.square().sum() for g in values.values()).sqrt().item()

    # Analytically zero gradients (the keys' biases) and nearly vanishing ones have only the whole gradient to be measured by.
    def distance(values, name):
        return ((values[name].view_as(exact[name]) - exact[name]).norm() / (exact[name].norm() + VANISHING * norm)).item()

    rows = sorted(((distance(ours, name), distance(theirs, name), name) for name in exact), reverse=True)
    print(f"loss: float64 {loss:.7f}, ours {float(metadata['loss']):.7f}, PyTorch {precision} {torch_loss:.7f}")
    print(f"gradient norm: float64 {norm.item():.7f}, ours {norm_of(ours):.7f}, PyTorch {norm_of(theirs):.7f}")
    print(f"{len(rows)} gradients; relative L2 distance from float64, the worst of ours:   ours   PyTorch {precision}")
    for mine, other, name in rows[:6]:
        print(f"  {name:<56}{mine:10.2e}{other:10.2e}")
    worst = max(rows[0][0], abs(float(metadata["loss"]) - loss) / loss)
    print(f"median {rows[len(rows) // 2][0]:.2e}, PyTorch {sorted(r[1] for r in rows)[len(rows) // 2]:.2e}; limit {limit:.0e}")
    sys.exit(not worst <= limit)


main()
