package isv

// Paths of the open APIs that vendors call.
const (
	OpenAPI         = "/api/mkp-openapi-public/global/v1"
	PathOrderQuery  = OpenAPI + "/order/query"
	PathEventFile   = OpenAPI + "/market-event/{event_id}/file"
	PathSellerURL   = "/api/seller/v1/production-url"
	UploadFilePart  = "file"
	UploadInfoPart  = "isvUpdateFileReq"
	UploadText      = "CHARACTERS"
	UploadFile      = "FILE"
	MaxCharacters   = 1024
	MaxUploadBytes  = 12 << 20
	MaxFileNameSize = 1024
)

// Codes of the upload API, as documented.
const (
	CodeOK              = "CBC.0000"
	CodeInvalid         = "CBC.0101"
	CodeIllegal         = "CBC.0150"
	CodeInternal        = "CBC.0999"
	CodeResourceInvalid = "91381033"
	CodeApplyInvalid    = "91381034"
	CodeNoRemain        = "91381035"
	CodeInnerError      = "91381036"
	CodeFormat          = "91381037"
	CodeApplyDenied     = "91381038"
	CodeRoleDenied      = "91380150"
)

// Codes of the order query.
const (
	OrderOK       = "MKT.0000"
	OrderInvalid  = "MKT.0101"
	OrderIllegal  = "MKT.0150"
	OrderInternal = "MKT.0999"
)

// UploadInfo is the JSON part of an upload.
type UploadInfo struct {
	Type       string `json:"type"`
	FileName   string `json:"file_name,omitempty"`
	SHA256     string `json:"sha256,omitempty"`
	Characters string `json:"characters,omitempty"`
}

// UploadAnswer answers an upload and the seller API.
type UploadAnswer struct {
	ErrorCode string `json:"error_code"`
	ErrorMsg  string `json:"error_msg"`
}

// GatewayError is how the gateway answers a request whose signature is wrong.
type GatewayError struct {
	ErrorMsg  string `json:"error_msg"`
	ErrorCode string `json:"error_code"`
	RequestID string `json:"request_id"`
}

// OrderAnswer answers the order query.
type OrderAnswer struct {
	ResultCode string     `json:"resultCode"`
	ResultMsg  string     `json:"resultMsg"`
	OrderInfo  *OrderInfo `json:"orderInfo,omitempty"`
}

// OrderInfo is an order. Times are yyyyMMddHHmmss in UTC.
type OrderInfo struct {
	OrderID      string        `json:"orderId"`
	OrderType    string        `json:"orderType"` // NEW, TRIAL, RENEW, UNSUBSCRIBE …
	CreateTime   string        `json:"createTime"`
	OrderLine    []OrderLine   `json:"orderLine"`
	BuyerInfo    BuyerInfo     `json:"buyerInfo"`
	ExtendParams []ExtendParam `json:"extendParams"`
}

// OrderLine is one line of an order.
type OrderLine struct {
	OrderLineID  string         `json:"orderLineId"`
	ChargingMode string         `json:"chargingMode"` // ON_DEMAND, ONE_TIME, PERIOD, ON_DEMAND_PKG
	PeriodType   string         `json:"periodType,omitempty"`
	PeriodNumber int            `json:"periodNumber,omitempty"`
	ExpireTime   string         `json:"expireTime,omitempty"`
	ProductInfo  []OrderProduct `json:"productInfo"`
	ExtendParams []ExtendParam  `json:"extendParams"`
}

// OrderProduct is what a line is about; LinearValue is the number of seats.
type OrderProduct struct {
	ProductID   string `json:"productId"`
	SkuCode     string `json:"skuCode"`
	LinearValue int    `json:"linearValue"`
	ProductName string `json:"productName"`
}

// BuyerInfo is who bought.
type BuyerInfo struct {
	CustomerID       string  `json:"customerId"`
	CustomerName     string  `json:"customerName"`
	CustomerRealName string  `json:"customerRealName"`
	CustomerType     int     `json:"customerType"`
	MobilePhone      *string `json:"mobilePhone"`
	Email            *string `json:"email"`
	UserID           *string `json:"userId"`
	UserName         *string `json:"userName"`
}

// ExtendParam is a further property.
type ExtendParam struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
