using GptGen.Benchmarks;
using GptGen.Training;

namespace GptGen.Peer;

/// <summary>A training step of the generated model.</summary>
internal sealed class GptGenStep : IPeerCase
{
    private readonly CpuDevice device;
    private readonly Model model;
    private readonly RandomBatch batch;
    private readonly TrainingGraph graph;
    private readonly AdamWOptimizer optimizer;
    private readonly TrainingOptions options = new()
    {
        LearningRate = 1e-5,
        MinimumLearningRate = 1e-5,
        Warmup = 0,
        Steps = 1 << 20,
        Beta2 = 0.95,
        WeightDecay = 0.1,
        Clip = 0,
    };
    private int step;

    public GptGenStep(PeerCase work, int threads)
    {
        device = new CpuDevice(threads);
        model = work.Create(device);
        batch = new(model, work.Sequences, work.Length);
        graph = batch.CreateGraph(model);
        optimizer = new AdamWOptimizer(model);
    }

    public double Run()
    {
        batch.Set(graph);
        graph.Forward();
        graph.Backward(accumulate: false);
        optimizer.Step(graph.Gradients, step++, options);
        return graph.ReadLoss();
    }

    public void Dispose()
    {
        optimizer.Dispose();
        graph.Dispose();
        model.Dispose();
        batch.Dispose();
        device.Dispose();
    }
}

/// <summary>A prompt's last logits, or decoding after a short prompt, with the generated model.</summary>
internal sealed class GptGenInference : IPeerCase
{
    private readonly CpuDevice device;
    private readonly LanguageModel model;
    private readonly InferenceGraph graph;
    private readonly int[] tokens;
    private readonly float[] logits;
    private readonly PeerCase work;
    private readonly int prompt;

    public GptGenInference(PeerCase work, int threads)
    {
        this.work = work;
        prompt = work.Kind == PeerWork.Decode ? PeerCase.Prompt : work.Length;
        device = new CpuDevice(threads);
        model = (LanguageModel)work.Create(device);
        graph = model.CreateInference(1, work.Length, prompt, 1);
        tokens = work.Tokens(model.Description.Vocabulary);
        logits = new float[model.Description.Vocabulary];
    }

    public double Run()
    {
        graph.Prefill(prompt, tokens.AsSpan(0, prompt), [prompt], [0]);
        graph.ReadLogits(0, logits);
        for (var position = prompt; position < work.Length; position++)
        {
            graph.Decode([tokens[position]], [position], [0]);
            graph.ReadLogits(0, logits);
        }

        return logits.Sum(Math.Abs);
    }

    public void Dispose()
    {
        graph.Dispose();
        model.Dispose();
        device.Dispose();
    }
}
