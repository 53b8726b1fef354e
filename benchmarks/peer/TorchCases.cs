using TorchSharp;
using static TorchSharp.torch;

namespace GptGen.Peer;

/// <summary>What PyTorch's workloads share.</summary>
internal abstract class TorchCase : IPeerCase
{
    protected TorchCase(PeerCase work, int threads)
    {
        Work = work;
        set_num_threads(threads);
        using var device = new CpuDevice(threads);
        using var source = work.Create(device);
        Model = new TorchGpt2(source);
        Tokens = tensor(work.Tokens((int)Model.Vocabulary).Select(token => (long)token).ToArray()).reshape(work.Sequences, work.Length);
    }

    protected PeerCase Work { get; }

    protected TorchGpt2 Model { get; }

    protected Tensor Tokens { get; }

    public abstract double Run();

    public void Dispose()
    {
        Tokens.Dispose();
        Model.Dispose();
    }
}

/// <summary>
/// A training step of PyTorch, tuned: gradients set to none, and the step's tensors freed at its end instead of by the garbage collector at some
/// time, which fills the memory and makes every allocation a page fault.
/// </summary>
internal sealed class TorchStep : TorchCase
{
    private readonly optim.Optimizer optimizer;

    public TorchStep(PeerCase work, int threads)
        : base(work, threads) =>
        optimizer = optim.AdamW(Model.Parameters, lr: 1e-5, beta1: 0.9, beta2: 0.95, weight_decay: 0.1);

    public override double Run()
    {
        foreach (var parameter in Model.Parameters)
            parameter.grad = null;
        double result;
        using (NewDisposeScope())
        {
            var logits = Model.Logits(Model.Hidden(Tokens, 0, null));
            var loss = nn.functional.cross_entropy(logits.view(-1, Model.Vocabulary), Tokens.view(-1));
            loss.backward();
            using (no_grad())
                optimizer.step();
            result = loss.item<float>();
        }

        GC.Collect();
        return result;
    }
}

/// <summary>A prompt's last logits, or decoding with a cache, of PyTorch.</summary>
internal sealed class TorchInference(PeerCase work, int threads) : TorchCase(work, threads)
{
    public override double Run()
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        long prompt = Work.Kind == PeerWork.Decode ? PeerCase.Prompt : Work.Length;
        var room = Work.Kind == PeerWork.Decode ? Model.NewCache(Work.Length) : null;
        var hidden = Model.Hidden(Tokens.narrow(1, 0, prompt), 0, room);
        var logits = Model.Logits(hidden.narrow(1, prompt - 1, 1));
        for (var position = prompt; position < Work.Length; position++)
        {
            using var token = NewDisposeScope();
            logits = Model.Logits(Model.Hidden(Tokens.narrow(1, position, 1), position, room)).MoveToOuterDisposeScope();
        }

        return logits.abs().sum().item<float>();
    }
}
