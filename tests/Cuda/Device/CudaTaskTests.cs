using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>Models with task heads on the CUDA device beside the CPU, whose gradients are held to central differences.</summary>
public class CudaTaskTests
{
    public static TheoryData<string, float> NamesAndDropout
    {
        get
        {
            var data = new TheoryData<string, float>();
            foreach (var name in TaskModels.Names)
            {
                data.Add(name, 0);
                data.Add(name, 0.2f);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndDropout))]
    public void LossesAndGradients(string name, float dropout)
    {
        using var machine = new TestMachine();
        using var gpu = machine.Open();
        using var cpu = new CpuDevice(2);
        using TaskModel expectedModel = TaskModels.Create(name, cpu), model = TaskModels.Create(name, gpu);
        using TaskTrainingGraph expected = Create(expectedModel), actual = Create(model);

        var batch = new TaskBatch(model.Head);
        batch.Set(expected);
        batch.Set(actual);
        Agree(expectedModel, expected, actual, dropout);

        // Plain text has no example at all, and leaves nothing of the examples before.
        var tokens = Variants.Tokens(model, 1, 2 * TaskModels.Length);
        expected.SetBatch(2, TaskModels.Length, tokens, tokens);
        actual.SetBatch(2, TaskModels.Length, tokens, tokens);
        Agree(expectedModel, expected, actual, dropout);
    }

    private static TaskTrainingGraph Create(TaskModel model) =>
        model.CreateTraining((TaskModels.Examples * model.Head.SequencesPerExample) + 1, TaskModels.Length + 1);

    private static void Agree(TaskModel model, TaskTrainingGraph expected, TaskTrainingGraph actual, float dropout)
    {
        foreach (var training in (TaskTrainingGraph[])[expected, actual])
        {
            training.Dropout = new(dropout, 5, 3, 1);
            training.Forward();
            training.Loss();
        }

        Assert.Equal(expected.ReadLoss(), actual.ReadLoss(), 1e-5);
        expected.Backward(accumulate: false);
        actual.Backward(accumulate: false);
        Assert.Equal(expected.ReadTaskLoss(), actual.ReadTaskLoss(), 1e-5);
        Variants.Close(model, expected.Gradients, actual.Gradients, 1e-4);
    }
}
