using GptGen.Checkpoints;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Models.Tests.Training;

/// <summary>An evaluation that is interrupted is made up when the run is resumed, as if nothing had happened.</summary>
public sealed class InterruptedEvaluationTests : IDisposable
{
    private static readonly TrainingOptions Options = new() { Steps = 4, Batch = 2, Length = 16, Warmup = 1, EvaluateEvery = 2, SaveEvery = 0 };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void ItIsMadeUp(int interruptedStep)
    {
        var (whole, _) = Run("whole", resumes: false, interruptedEvaluation: 0);
        Assert.Equal([2, 4], Evaluated(whole));
        var (first, stopped) = Run("stopped", resumes: false, interruptedEvaluation: interruptedStep / 2);
        Assert.Equal(interruptedStep, stopped);
        Assert.Equal(Enumerable.Range(1, interruptedStep - 1), first.Select(static step => step.Step));

        // Interrupted in the same place again, nothing is lost either.
        Assert.Empty(Run("stopped", resumes: true, interruptedEvaluation: 1).Steps);
        var (rest, _) = Run("stopped", resumes: true, interruptedEvaluation: 0);
        var all = first.Concat(rest).ToList();
        Assert.Equal(
            whole.Select(static step => (step.Step, step.Loss, step.ValidationLoss)), all.Select(
                static step => (step.Step, step.Loss, step.ValidationLoss)));
        Assert.Equal(
            File.ReadAllBytes(folder.File("whole/step-000004.safetensors")), File.ReadAllBytes(folder.File("stopped/step-000004.safetensors")));
        Assert.Empty(Run("stopped", resumes: true, interruptedEvaluation: 0).Steps);
    }

    private static IEnumerable<int> Evaluated(IEnumerable<TrainingProgress> steps) =>
        steps.Where(static step => step.ValidationLoss is not null).Select(static step => step.Step);

    private (List<TrainingProgress> Steps, int StepsDone) Run(string name, bool resumes, int interruptedEvaluation)
    {
        using var stop = new CancellationTokenSource();
        using var device = new CpuDevice(2);
        using var model = Gpt2Nano.Create(device);
        model.Initialize(seed: 1);
        var text = System.Text.Encoding.UTF8.GetBytes(TinyRun.Text).Select(static value => (int)value).ToArray();
        var evaluations = 0;
        using var validation = new Watched(TokenSource.FromMemory(text[..200]), () =>
        {
            if (++evaluations == interruptedEvaluation)
                stop.Cancel();
        });
        using var training = TokenSource.FromMemory(text[200..]);
        using var trainer = new Trainer(model, new(training, validation), Options, folder.File(name));
        if (resumes)
            trainer.Resume(folder.File(name));
        return ([.. trainer.Run(stop.Token)], trainer.StepsDone);
    }

    /// <summary>Tells when it is read from the beginning.</summary>
    private sealed class Watched(TokenSource source, Action begun) : TokenSource
    {
        public override long Count => source.Count;

        public override void Read(long start, Span<int> destination)
        {
            if (start == 0)
                begun();
            source.Read(start, destination);
        }

        protected override void Dispose(bool disposing) => source.Dispose();
    }
}
