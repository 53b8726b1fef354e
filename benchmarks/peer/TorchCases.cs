using GptGen.Benchmarks;
using TorchSharp;
using static TorchSharp.torch;

namespace GptGen.Peer;

/// <summary>
/// A training step of PyTorch, tuned: gradients set to none, and the step's tensors freed at its end instead of by the garbage collector at some
/// time, which fills the memory and makes every allocation a page fault.
/// </summary>
internal sealed class TorchStep : IPeerCase
{
    private readonly ITorchModel model;
    private readonly Dictionary<string, Tensor> inputs;
    private readonly optim.Optimizer optimizer;

    public TorchStep(PeerCase work, int threads)
    {
        set_num_threads(threads);
        using var device = new CpuDevice(threads);
        using var source = work.Create(device);
        model = source switch
        {
            LanguageModel => new TorchGpt2(source),
            MaskedModel => new TorchBert(source),
            _ => new TorchSeq2Seq(source),
        };
        using var batch = new RandomBatch(source, work.Sequences, work.Length);
        inputs = batch.Inputs.ToDictionary(static input => input.Key, input => Tensor(input.Value));
        optimizer = optim.AdamW(model.Parameters, lr: 1e-5, beta1: 0.9, beta2: 0.95, weight_decay: 0.1);

        Tensor Tensor(int[] values)
        {
            var numbers = tensor(values.Select(static value => (long)value).ToArray());
            return values.Length == work.Sequences * work.Length ? numbers.reshape(work.Sequences, work.Length) : numbers;
        }
    }

    public double Run()
    {
        foreach (var parameter in model.Parameters)
            parameter.grad = null;
        double result;
        using (NewDisposeScope())
        {
            var loss = model.Loss(name => inputs[name]);
            loss.backward();
            using (no_grad())
                optimizer.step();
            result = loss.item<float>();
        }

        GC.Collect();
        return result;
    }

    public void Dispose()
    {
        optimizer.Dispose();
        foreach (var input in inputs.Values)
            input.Dispose();
        model.Dispose();
    }
}

/// <summary>A prompt's last logits, or decoding with a cache, of PyTorch.</summary>
internal sealed class TorchInference : IPeerCase
{
    private readonly PeerCase work;
    private readonly TorchGpt2 model;
    private readonly Tensor tokens;

    public TorchInference(PeerCase work, int threads)
    {
        this.work = work;
        set_num_threads(threads);
        using var device = new CpuDevice(threads);
        using var source = work.Create(device);
        model = new TorchGpt2(source);
        tokens = tensor(work.Tokens(source.Description.Vocabulary).Select(token => (long)token).ToArray()).reshape(work.Sequences, work.Length);
    }

    public double Run()
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        long prompt = work.Kind == PeerWork.Decode ? PeerCase.Prompt : work.Length;
        var room = work.Kind == PeerWork.Decode ? model.NewCache(work.Length) : null;
        var hidden = model.Hidden(tokens.narrow(1, 0, prompt), 0, room);
        var logits = model.Logits(hidden.narrow(1, prompt - 1, 1));
        for (var position = prompt; position < work.Length; position++)
        {
            using var token = NewDisposeScope();
            logits = model.Logits(model.Hidden(tokens.narrow(1, position, 1), position, room)).MoveToOuterDisposeScope();
        }

        return logits.abs().sum().item<float>();
    }

    public void Dispose()
    {
        tokens.Dispose();
        model.Dispose();
    }
}
