using System.Diagnostics;
using GptGen.Models.Commands;
using GptGen.Training;

namespace GptGen.Models.Comparison;

/// <summary>How fast systems are, measured in turn, so that what disturbs the machine disturbs all of them.</summary>
internal static class SpeedRun
{
    /// <summary>Rounds that are counted, where training takes at least as many steps.</summary>
    private const int Rounds = 9;

    /// <summary>Rounds that are not counted: they compile, and fill caches and memories.</summary>
    private const int Warmup = 3;

    /// <summary>Measures systems. Weights do not matter, so these are random, and nothing of a run's folder is touched.</summary>
    /// <param name="contenders">The systems.</param>
    /// <param name="comparison">Their comparison, whose record takes the numbers.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    internal static void Time(IReadOnlyList<Contender> contenders, ComparisonRun comparison, CancellationToken cancellation)
    {
        var runners = new List<Runner>();
        try
        {
            foreach (var contender in contenders)
                runners.Add(new(contender, comparison, cancellation));
            var steps = comparison.Record.Settings.Steps;
            for (var round = -Math.Min(Warmup, steps); round < Math.Min(Rounds, steps); round++)
            {
                foreach (var runner in runners)
                {
                    cancellation.ThrowIfCancellationRequested();
                    runner.Run(isCounted: round >= 0);
                }
            }

            foreach (var runner in runners)
                runner.Report(comparison.Record);
        }
        finally
        {
            foreach (var runner in runners)
                runner.Dispose();
        }
    }

    /// <summary>One system's model and batches.</summary>
    private sealed class Runner : IDisposable
    {
        private readonly Contender contender;
        private readonly TrainingMaterial material;
        private readonly Model model;
        private readonly Batches batches;
        private readonly Trainer trainer;
        private readonly List<double> reading = [];
        private readonly List<double> training = [];

        internal Runner(Contender contender, ComparisonRun comparison, CancellationToken cancellation)
        {
            this.contender = contender;
            (material, model, batches) = contender.Open(comparison, cancellation);
            model.Initialize(comparison.Record.Settings.Seed);
            trainer = new(batches, contender.Options(comparison.Record.Settings, others: null), Path.Combine(comparison.Folder, contender.Model));
        }

        internal void Run(bool isCounted)
        {
            var trained = Rate(() => trainer.Step());
            batches.Fill(trainer.StepsDone, 0);
            var read = Rate(() =>
            {
                batches.Graph.Dropout = default;
                batches.Graph.Forward();
                batches.Graph.Loss();
                batches.Graph.ReadLoss();
            });
            if (!isCounted)
                return;
            training.Add(trained);
            reading.Add(read);
        }

        internal void Report(ComparisonRecord record)
        {
            record.Set(contender.Title, Measure.TrainingRate, Middle(training));
            record.Set(contender.Title, Measure.ReadingRate, Middle(reading));
        }

        public void Dispose()
        {
            trainer.Dispose();
            batches.Dispose();
            model.Dispose();
            material.Dispose();
        }

        private static double Middle(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);

        /// <summary>Tokens a second; of an encoder-decoder those of both sides, padding among them.</summary>
        private double Rate(Action pass)
        {
            var start = Stopwatch.GetTimestamp();
            pass();
            return batches.Graph.ComputedRows / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
