using System.Runtime.CompilerServices;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Runtime.Tests.Devices;

/// <summary>Devices that nobody disposes of.</summary>
public sealed class ForgottenDeviceTests
{
    private const int Devices = 100;
    private const int Threads = 3;

    /// <summary>Other tests have devices of their own meanwhile, so that only the bulk counts.</summary>
    [Fact]
    public void TheirThreadsEndWhenTheyAreCollected()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux names the threads of a process.");
        UseAndForget();
        var left = int.MaxValue;
        for (var wait = 0; wait < 600 && left > Devices / 2; wait++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(50);
            left = Workers();
        }

        Assert.True(left <= Devices / 2, $"{left} threads of devices are left.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseAndForget()
    {
        List<(CpuDevice Device, TrainingGraph Graph)> used = [];
        for (var index = 0; index < Devices; index++)
        {
            var device = new CpuDevice(Threads);
            var model = Gpt2Tiny.Create(device);
            model.Initialize(1);
            var graph = model.CreateTraining(1, 8);
            graph.SetBatch(1, 8, new int[8], new int[8]);
            graph.Forward();
            used.Add((device, graph));
        }

        Assert.True(Workers() >= Devices * (Threads - 1));
        GC.KeepAlive(used);
    }

    private static int Workers()
    {
        var count = 0;
        foreach (var task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(task, "comm")).StartsWith("GptGen worker", StringComparison.Ordinal))
                    count++;
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return count;
    }
}
