using System.Text.Json;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>A segment model's case: consecutive segments of some texts, of which the second is what gradients are of.</summary>
internal sealed class SegmentGoldenCase(string name) : GoldenFiles(name)
{
    private SegmentMemory? memory;

    /// <summary>Segments of the texts.</summary>
    public int Segments => Inputs.GetProperty("segments").GetArrayLength();

    /// <summary>Texts.</summary>
    public int Sequences => Inputs.GetProperty("segments")[0].GetProperty("data")[0].GetArrayLength();

    /// <summary>Tokens of a segment, [sequences, length].</summary>
    public int[] Tokens(int segment) => BySequence(FlattenNested(Segment(segment, "data")), 1);

    /// <summary>The tokens that follow them.</summary>
    public int[] Targets(int segment) => BySequence(FlattenNested(Segment(segment, "target")), 1);

    /// <summary>Expected numbers, which files hold by time, [length, sequences, width]: sequence by sequence.</summary>
    public float[] Values(string name, int width) => BySequence(Expected[name], width);

    /// <summary>Sets a segment with what was kept of those before, and makes its pass.</summary>
    public SegmentTrainingGraph Forward(SegmentModel model, SegmentMemory memory, int segment, bool sameLength = false)
    {
        var tokens = Tokens(segment);
        // Larger than the batch, so that a use of the capacity for the count shows.
        var training = model.CreateTraining(Sequences + 1, (tokens.Length / Sequences) + 1);
        training.SameLength = sameLength;
        training.SetBatch(memory, Sequences, tokens.Length / Sequences, tokens, Targets(segment));
        training.Forward();
        return training;
    }

    /// <summary>The second segment, with what the weights of now keep of the first.</summary>
    public override TrainingGraph Begin(Model model)
    {
        var segmentModel = (SegmentModel)model;
        memory?.Dispose();
        memory = segmentModel.CreateMemory(Sequences);
        Remember(segmentModel, memory);
        var tokens = Tokens(1);
        var training = segmentModel.CreateTraining(Sequences + 1, (tokens.Length / Sequences) + 1);
        training.SetBatch(memory, Sequences, tokens.Length / Sequences, tokens, Targets(1));
        return training;
    }

    /// <summary>What the weights of now keep of the first segment, for the step of a training.</summary>
    public override void BeforeStep(Model model, TrainingGraph training)
    {
        memory!.Reset();
        Remember((SegmentModel)model, memory);
        var tokens = Tokens(1);
        ((SegmentTrainingGraph)training).SetBatch(memory, Sequences, tokens.Length / Sequences, tokens, Targets(1));
    }

    private void Remember(SegmentModel model, SegmentMemory texts)
    {
        using var first = Forward(model, texts, 0);
        first.AdvanceMemory();
    }

    private JsonElement Segment(int segment, string what) => Inputs.GetProperty("segments")[segment].GetProperty(what);

    private T[] BySequence<T>(T[] byTime, int width)
    {
        var length = byTime.Length / Sequences / width;
        var values = new T[byTime.Length];
        for (var row = 0; row < length * Sequences; row++)
        {
            var (time, sequence) = Math.DivRem(row, Sequences);
            Array.Copy(byTime, row * width, values, ((sequence * length) + time) * width, width);
        }

        return values;
    }
}
