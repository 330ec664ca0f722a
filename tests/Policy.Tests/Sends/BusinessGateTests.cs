using Actors.Policy.Sends;
using Actors.Policy.Templates;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class BusinessGateTests
{
    private static readonly AdmissionFacts Fine = new() { ThroughputLimit = 80, IsTemplate = true, TemplateStatus = TemplateStatus.Approved };

    private static readonly TemplateMismatch Mismatch = new(132000, "body: 1 for 2");

    [Fact]
    public void What_nothing_speaks_against_goes_on_to_the_user()
    {
        Assert.Null(BusinessGate.Decide(Fine));
        Assert.Null(BusinessGate.Decide(new AdmissionFacts()));
        Assert.Equal([RuleOutcome.Pass, RuleOutcome.Pass, RuleOutcome.Pass, RuleOutcome.Pass], BusinessGate.Explain(Fine).Select(f => f.Outcome));
    }

    [Theory]
    [InlineData(null, Reason.TemplateUnknown)]
    [InlineData(TemplateStatus.Pending, Reason.TemplateUnknown)]
    [InlineData(TemplateStatus.Rejected, Reason.TemplateUnknown)]
    [InlineData(TemplateStatus.Paused, Reason.TemplatePaused)]
    [InlineData(TemplateStatus.Disabled, Reason.TemplateDisabled)]
    public void Only_an_approved_template_is_sent(TemplateStatus? status, Reason reason)
    {
        Assert.Equal(reason, BusinessGate.Decide(Fine with { TemplateStatus = status, TemplateMismatch = Mismatch, RecipientIsSender = true }));
    }

    [Fact]
    public void The_first_reason_in_the_order_of_precedence_is_the_answer()
    {
        var facts = Fine with { Locked = true, ThroughputFreeAt = Now, TemplateMismatch = Mismatch, RecipientIsSender = true };
        Assert.Equal(Reason.BusinessLocked, BusinessGate.Decide(facts));
        Assert.Equal(Reason.Throughput, BusinessGate.Decide(facts = facts with { Locked = false }));
        Assert.Equal(Reason.TemplateMismatch, BusinessGate.Decide(facts = facts with { ThroughputFreeAt = null }));
        Assert.Equal(Reason.RecipientIsSender, BusinessGate.Decide(facts with { TemplateMismatch = null }));
    }

    [Fact]
    public void A_free_form_message_has_no_template_to_fail()
    {
        var facts = Fine with { IsTemplate = false, TemplateStatus = TemplateStatus.Paused, TemplateMismatch = Mismatch };
        Assert.Null(BusinessGate.Decide(facts));
        var finding = BusinessGate.Explain(facts)[2];
        Assert.Equal(RuleOutcome.NotApplicable, finding.Outcome);
        Assert.Empty(finding.Facts);
    }

    [Fact]
    public void The_trace_says_what_the_business_may_know_of_itself()
    {
        var trace = BusinessGate.Explain(Fine with { Locked = true, ThroughputFreeAt = Now + Tick, TemplateMismatch = Mismatch, RecipientIsSender = true });
        Assert.Equal([Rule.BusinessStatus, Rule.Throughput, Rule.Template, Rule.Recipient], trace.Select(finding => finding.Rule));
        Assert.Equal(
            [Reason.BusinessLocked, Reason.Throughput, Reason.TemplateMismatch, Reason.RecipientIsSender],
            trace.Select(finding => finding.Reason!.Value));
        Assert.Equal([null, Now + Tick, null, null], trace.Select(finding => finding.RetryAt));
        Assert.All(trace, finding => Assert.True(finding.RetryAtIsPublic));
        Assert.Equal([new Fact("locked", "yes", true)], trace[0].Facts);
        Assert.Equal([new Fact("messages_per_second", "80", true)], trace[1].Facts);
        Assert.Equal(
            [
                new Fact("template_status", "approved", true),
                new Fact("mismatch_code", "132000", true),
                new Fact("mismatch", "body: 1 for 2", true),
            ],
            trace[2].Facts);
        Assert.Empty(trace[3].Facts);
        Assert.Equal([new Fact("locked", "no", true)], BusinessGate.Explain(Fine)[0].Facts);
    }

    [Theory]
    [InlineData(null, "unknown")]
    [InlineData(TemplateStatus.Pending, "pending")]
    [InlineData(TemplateStatus.Approved, "approved")]
    [InlineData(TemplateStatus.Rejected, "rejected")]
    [InlineData(TemplateStatus.Paused, "paused")]
    [InlineData(TemplateStatus.Disabled, "disabled")]
    public void The_trace_names_the_templates_status(TemplateStatus? status, string word)
    {
        Assert.Equal([new Fact("template_status", word, true)], BusinessGate.Explain(Fine with { TemplateStatus = status })[2].Facts);
    }
}
