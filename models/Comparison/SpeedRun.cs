using System.Diagnostics;
using GptGen.Models.Commands;
using GptGen.Training;

namespace GptGen.Models.Comparison;

/// <summary>How fast systems are, measured in turn, so that what disturbs the machine disturbs all of them.</summary>
internal static class SpeedRun
{
    private const int Rounds = 9;

    /// <summary>Measures systems; weights do not matter, so that these are random.</summary>
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
            // The first round compiles and fills caches.
            for (var round = 0; round <= Rounds; round++)
            {
                foreach (var runner in runners)
                {
                    cancellation.ThrowIfCancellationRequested();
                    runner.Run(round);
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
        private readonly List<double> reading = [];
        private readonly List<double> training = [];

        internal Runner(Contender contender, ComparisonRun comparison, CancellationToken cancellation)
        {
            this.contender = contender;
            (material, model, batches) = contender.Open(comparison, cancellation);
            model.Initialize(comparison.Settings.Seed);
        }

        internal void Run(int round)
        {
            var (read, trained) = (
                Rate(2 * round, static graph => graph.Forward()), Rate((2 * round) + 1, static graph => graph.Train(default, accumulate: true)));
            if (round == 0)
                return;
            reading.Add(read);
            training.Add(trained);
        }

        internal void Report(ComparisonRecord record)
        {
            record.Set(contender.Title, Measure.ReadingRate, Middle(reading));
            record.Set(contender.Title, Measure.TrainingRate, Middle(training));
        }

        public void Dispose()
        {
            batches.Dispose();
            model.Dispose();
            material.Dispose();
        }

        private static double Middle(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);

        /// <summary>Tokens a second.</summary>
        private double Rate(int step, Action<TrainingGraph> pass)
        {
            var graph = batches.Graph;
            graph.Dropout = default;
            batches.Fill(step, 0);
            var start = Stopwatch.GetTimestamp();
            pass(graph);
            if (graph.Device is CudaDevice gpu)
                gpu.Synchronize();
            return graph.ComputedRows / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
