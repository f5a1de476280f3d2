namespace Enrichment.Chaos.Tests;

/// <summary>
/// How a vendor behaves: in how many of 100 calls it does what; in the rest it accepts the call, works, and delivers the answer.
/// </summary>
/// <param name="AnswersBeforeAccepting">It delivers the answer before it accepts the call.</param>
/// <param name="AnswersTwice">It delivers the answer twice.</param>
/// <param name="Silences">An error: it accepts the call, and never answers.</param>
/// <param name="AnswersLate">An error: it answers after the step's deadline.</param>
/// <param name="Declines">An error: 429.</param>
/// <param name="Breaks">An error: 500.</param>
public sealed record VendorManners(int AnswersBeforeAccepting, int AnswersTwice, int Silences, int AnswersLate, int Declines, int Breaks)
{
    /// <summary>14 of 100 calls end in an error.</summary>
    public static readonly VendorManners Rough = new(
        AnswersBeforeAccepting: 10,
        AnswersTwice: 5,
        Silences: 2,
        AnswersLate: 2,
        Declines: 5,
        Breaks: 5);

    /// <summary>5 of 100 calls end in an error, of each kind some.</summary>
    public static readonly VendorManners FewErrors = new(
        AnswersBeforeAccepting: 10,
        AnswersTwice: 5,
        Silences: 1,
        AnswersLate: 1,
        Declines: 2,
        Breaks: 1);

    /// <summary>What a number from 0 to 99 means.</summary>
    public VendorAct Act(int percent)
    {
        (int Share, VendorAct Act)[] acts =
        [
            (AnswersBeforeAccepting, VendorAct.AnswerBeforeAccepting), (AnswersTwice, VendorAct.AnswerTwice),
            (Silences, VendorAct.Silence), (AnswersLate, VendorAct.AnswerLate), (Declines, VendorAct.Decline), (Breaks, VendorAct.Break),
        ];
        foreach (var (share, act) in acts)
        {
            if (percent < share)
            {
                return act;
            }

            percent -= share;
        }

        return VendorAct.Answer;
    }
}
