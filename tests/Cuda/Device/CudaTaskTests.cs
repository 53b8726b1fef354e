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
        using ITaskModel expectedModel = TaskModels.Create(name, cpu), model = TaskModels.Create(name, gpu);
        using TrainingGraph expected = Create(expectedModel), actual = Create(model);

        var batch = new TaskBatch(model);
        batch.Set(expected);
        batch.Set(actual);
        Agree(expectedModel, expected, actual, dropout);

        if (expected is not TaskTrainingGraph expectedLanguage || actual is not TaskTrainingGraph actualLanguage)
            return;

        // Plain text has no example at all, and leaves nothing of the examples before.
        var tokens = Variants.Tokens(model.Model, 1, 2 * TaskModels.Length);
        expectedLanguage.SetBatch(2, TaskModels.Length, tokens, tokens);
        actualLanguage.SetBatch(2, TaskModels.Length, tokens, tokens);
        Agree(expectedModel, expected, actual, dropout);
    }

    private static TrainingGraph Create(ITaskModel model) =>
        model.CreateTaskTraining((TaskModels.Examples * model.Head.SequencesPerExample) + 1, TaskModels.Length + 1).Graph;

    private static void Agree(ITaskModel model, TrainingGraph expected, TrainingGraph actual, float dropout)
    {
        foreach (var training in (TrainingGraph[])[expected, actual])
        {
            training.Dropout = new(dropout, 5, 3, 1);
            training.Forward();
            training.Loss();
        }

        Assert.Equal(expected.ReadLoss(), actual.ReadLoss(), 1e-5);
        expected.Backward(accumulate: false);
        actual.Backward(accumulate: false);
        Assert.Equal(((ITaskTraining)expected).ReadTaskLoss(), ((ITaskTraining)actual).ReadTaskLoss(), 1e-5);
        Variants.Close(model.Model, expected.Gradients, actual.Gradients, 1e-4);
    }
}
