using Actors.Policy.Businesses;
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
        Assert.Equal(
            [new Fact("locked", "yes", true), new("restriction", "none", true), new("tier", "0", true), new("quality", "unknown", true)], trace[0].Facts);
        Assert.Equal([new Fact("messages_per_second", "80", true)], trace[1].Facts);
        Assert.Equal(
            [
                new Fact("template_status", "approved", true),
                new Fact("mismatch_code", "132000", true),
                new Fact("mismatch", "body: 1 for 2", true),
            ],
            trace[2].Facts);
        Assert.Empty(trace[3].Facts);
        Assert.Equal(new Fact("locked", "no", true), BusinessGate.Explain(Fine)[0].Facts[0]);
    }

    [Theory]
    [InlineData(Restriction.None, Category.Marketing, false)]
    [InlineData(Restriction.Warning, Category.Marketing, false)]
    [InlineData(Restriction.NoMarketing, Category.Marketing, true)]
    [InlineData(Restriction.NoMarketing, Category.Utility, false)]
    [InlineData(Restriction.NoMarketing, Category.Service, false)]
    [InlineData(Restriction.WindowOnly, Category.Marketing, true)]
    [InlineData(Restriction.WindowOnly, Category.Utility, false)]
    [InlineData(Restriction.Nothing, Category.Service, true)]
    [InlineData(Restriction.Nothing, Category.Authentication, true)]
    public void A_restriction_forbids_what_it_says_until_it_ends(Restriction restriction, Category category, bool forbidden)
    {
        var facts = Fine with { Restriction = restriction, RestrictedUntil = Now + Day, Category = category, Now = Now + Day - Tick };
        Assert.Equal(forbidden ? Reason.BusinessRestricted : null, BusinessGate.Decide(facts));
        Assert.Equal(forbidden ? Now + Day : null, BusinessGate.RetryAt(facts));
        Assert.Null(BusinessGate.Decide(facts with { Now = Now + Day }));
    }

    [Fact]
    public void The_trace_names_the_restriction_while_it_runs()
    {
        var facts = Fine with { Restriction = Restriction.NoMarketing, RestrictedUntil = Now, Now = Now - Tick, Tier = 3, Quality = QualityBand.Red };
        Assert.Equal(
            [
                new("locked", "no", true), new("restriction", "no_marketing", true), new("tier", "3", true), new("quality", "red", true),
                new Fact("restricted_until", Now.ToString(), true),
            ],
            BusinessGate.Explain(facts)[0].Facts);
        Assert.Equal(new Fact("restriction", "none", true), BusinessGate.Explain(facts with { Now = Now })[0].Facts[1]);
    }

    [Fact]
    public void Waiting_helps_only_where_nothing_refuses_that_time_does_not_lift()
    {
        var facts = Fine with { Restriction = Restriction.Nothing, RestrictedUntil = Now + Day, Now = Now };
        Assert.Equal(Now + Day, BusinessGate.RetryAt(facts with { ThroughputFreeAt = Now + Second }));
        Assert.Equal(Now + (2 * Day), BusinessGate.RetryAt(facts with { ThroughputFreeAt = Now + (2 * Day) }));
        Assert.Null(BusinessGate.RetryAt(facts with { RecipientIsSender = true }));
        Assert.Null(BusinessGate.RetryAt(facts with { TemplateStatus = null }));
        Assert.Null(BusinessGate.RetryAt(Fine with { Locked = true }));
        Assert.Null(BusinessGate.RetryAt(Fine));

        // Beyond the throughput the template isn't looked up.
        Assert.Equal(Now + Second, BusinessGate.RetryAt(Fine with { ThroughputFreeAt = Now + Second, TemplateStatus = null }));
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
