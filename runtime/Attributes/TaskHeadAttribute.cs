namespace GptGen;

/// <summary>
/// What every task head's specification says (Radford et al. 2018, section 3.3; Devlin et al. 2018, section 4). Put one of the attributes that derive
/// from this one on a model class, beside the model's own, and the generator adds the head. A GPT model gets three special tokens (start, delimiter,
/// classify) behind the vocabulary, a projection of the final state at the classify token, and the loss: task + <see cref="LanguageModelWeight"/> x
/// language model. An encoder's texts stand between the tokenizer's own <c>[CLS]</c> and <c>[SEP]</c>, the pooled state is projected, and the loss is
/// the task's alone.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public abstract class TaskHeadAttribute : Attribute
{
    private protected TaskHeadAttribute()
    {
    }

    /// <summary>
    /// Weight of a GPT model's loss as a language model beside the task's (the paper's lambda); 0 to train on the task alone, as encoders always do.
    /// </summary>
    public float LanguageModelWeight { get; set; } = 0.5f;
}
