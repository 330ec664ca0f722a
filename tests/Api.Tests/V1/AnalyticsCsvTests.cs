using Actors.Api.V1;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Sends;

namespace Actors.Api.Tests.V1;

/// <summary>Analytics as a table.</summary>
public sealed class AnalyticsCsvTests
{
    [Fact]
    public void The_table_is_as_it_always_was()
    {
        var midnight = new Instant(1_790_208_000_000);
        var full = new AnalyticsPeriod
        {
            Start = midnight,
            End = midnight + TimeSpan.FromMinutes(30),
            Template = 0,
            Counts =
            [
                new(Measure.Sent, (short)Category.Marketing, 7), new(Measure.Sent, (short)Category.Service, 3),
                new(Measure.Delivered, (short)Category.Marketing, 6), new(Measure.Read, (short)Category.Marketing, 4), new(Measure.Failed, 0, 1),
                new(Measure.Expired, 0, 2), new(Measure.Clicked, 0, 5), new(Measure.Clicked, 1, 6), new(Measure.Received, 0, 12), new(Measure.Replied, 0, 8),
                new(Measure.Opened, 0, 9), new(Measure.Refused, (short)Reason.WindowClosed, 13), new(Measure.Refused, (short)Reason.MarketingCap, 14),
            ],
            Opinions = [new(Opinion.Interested, 10), new(Opinion.Reported, 11)],
            BusinessResponse = new(3, TimeSpan.FromMilliseconds(61_500), TimeSpan.FromHours(2)),
        };
        var empty = new AnalyticsPeriod { Start = full.End, End = full.End + TimeSpan.FromMinutes(30), Template = 0, Counts = [], Opinions = [] };
        AnalyticsPeriodShape[] periods = [AnalyticsPeriodShape.From(full), AnalyticsPeriodShape.From(empty)];

        string[] lines =
        [
            "start,end,template,template_name,template_language,sent,delivered,read,read_rate,failed,expired,clicked,received,replied,opened,"
                + "interested,not_interested,blocked,reported,sent_service,delivered_service,read_service,sent_utility,delivered_utility,read_utility,"
                + "sent_authentication,delivered_authentication,read_authentication,sent_marketing,delivered_marketing,read_marketing,"
                + "business_responses,business_response_median_seconds,business_response_p95_seconds,"
                + "user_responses,user_response_median_seconds,user_response_p95_seconds,"
                + "refused_business_locked,refused_business_restricted,refused_throughput,refused_template_unknown,refused_template_paused,"
                + "refused_template_disabled,refused_template_mismatch,refused_recipient_is_sender,refused_no_relation,refused_consent_missing,"
                + "refused_consent_withdrawn,refused_marketing_stopped,refused_marketing_off,refused_window_closed,refused_pair_rate,"
                + "refused_marketing_cap,refused_messaging_limit,refused_quiet_hours",
            "2026-09-24T00:00:00.000Z,2026-09-24T00:30:00.000Z,,,,10,6,4,0.6667,1,2,11,12,8,9,10,,,11,3,0,0,0,0,0,0,0,0,7,6,4,"
                + "3,61.5,7200,0,,,0,0,0,0,0,0,0,0,0,0,0,0,0,13,0,14,0,0",
            "2026-09-24T00:30:00.000Z,2026-09-24T01:00:00.000Z,,,,0,0,0,,0,0,0,0,0,0,,,,,0,0,0,0,0,0,0,0,0,0,0,0,"
                + "0,,,0,,,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0",
        ];
        Assert.Equal(
            string.Concat(lines.Select(line => line + "\r\n")),
            AnalyticsCsv.Write(null, periods));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("1=1", "1=1")]
    public void A_cell_is_never_a_formula(string value, string cell) => Assert.Equal(cell, Csv.Cell(value));
}
