using GptGen.Benchmarks;
using GptGen.Models;

namespace GptGen.Peer;

/// <summary>One workload of one side.</summary>
internal interface IPeerCase : IDisposable
{
    /// <summary>Does the work once.</summary>
    /// <returns>A number that both sides must agree on: a loss, or the sum of the logits.</returns>
    double Run();
}

/// <summary>What is compared.</summary>
/// <param name="Model">The model.</param>
/// <param name="Kind">The work.</param>
/// <param name="Sequences">Sequences of a batch.</param>
/// <param name="Length">Tokens of each.</param>
internal sealed record PeerCase(PeerModel Model, PeerWork Kind, int Sequences, int Length)
{
    /// <summary>The workloads of the table.</summary>
    public static readonly PeerCase[] All =
    [
        new(PeerModel.Small, PeerWork.Step, 4, 64),
        new(PeerModel.Small, PeerWork.Step, 4, 128),
        new(PeerModel.Small, PeerWork.Step, 4, 256),
        new(PeerModel.Small, PeerWork.Step, 1, 1024),
        new(PeerModel.Small, PeerWork.Prefill, 1, 1024),
        new(PeerModel.Small, PeerWork.Decode, 1, 160),
        new(PeerModel.Nano, PeerWork.Step, 12, 64),
        new(PeerModel.Bert, PeerWork.Step, 4, 128),
        new(PeerModel.Seq2Seq, PeerWork.Step, 8, 64),
        .. from model in (PeerModel[])[PeerModel.Lstm1024, PeerModel.Lstm4096]
           from sequences in (int[])[32, 128]
           from kind in (PeerWork[])[PeerWork.Scan, PeerWork.Gradients]
           select new PeerCase(model, kind, sequences, 20),
    ];

    /// <summary>Prompt of the decoding workload; the rest of its length is decoded.</summary>
    public const int Prompt = 32;

    /// <summary>As the command line names it: "small-step-4x64".</summary>
    public string Name => $"{Model}-{Kind}-{Sequences}x{Length}".ToLowerInvariant();

    /// <summary>The generated model with weights of its initialisation.</summary>
    public Model Create(Device device)
    {
        Model model = Model switch
        {
            PeerModel.Small => Gpt2Small.Create(device),
            PeerModel.Nano => Gpt2Nano.Create(device),
            PeerModel.Bert => BertBase.Create(device),
            _ => Seq2SeqBase.Create(device),
        };
        model.Initialize(1);
        return model;
    }

    /// <summary>The same tokens on both sides, of inference.</summary>
    public int[] Tokens(int vocabulary)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Sequences * Length).Select(_ => random.Next(vocabulary))];
    }
}

/// <summary>The models.</summary>
internal enum PeerModel
{
    /// <summary>GPT-2 124M.</summary>
    Small,

    /// <summary>nanoGPT's small recipe.</summary>
    Nano,

    /// <summary>BERT base.</summary>
    Bert,

    /// <summary>The base encoder-decoder.</summary>
    Seq2Seq,

    /// <summary>An LSTM of 1,024 cells, projected to 128.</summary>
    Lstm1024,

    /// <summary>An LSTM of 4,096 cells, projected to 512.</summary>
    Lstm4096,
}

/// <summary>The kinds of work.</summary>
internal enum PeerWork
{
    /// <summary>Forward, backward, AdamW.</summary>
    Step,

    /// <summary>A prompt's last logits.</summary>
    Prefill,

    /// <summary>Greedy decoding with a cache, a token at a time.</summary>
    Decode,

    /// <summary>A layer's outputs.</summary>
    Scan,

    /// <summary>A layer's outputs, and the gradients of its weights and inputs.</summary>
    Gradients,
}
